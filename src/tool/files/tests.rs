//! Files of the network, read and written by command lines.
//! What a real kernel has in them is held by the transcripts.

use crate::kernel::World;
use crate::tool::{FileError, Files, Finished, Shell};
use crate::units::Errno;

/// A caller whose standard input is this.
struct Input(&'static str);

impl Files for Input {
    fn read(&mut self, _path: &str) -> Result<Vec<u8>, FileError> {
        Err(Errno::Enoent.into())
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        Ok(self.0.into())
    }
}

fn typed(shell: &mut Shell<'_>, line: &str, input: &'static str) -> Finished {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    shell.run_words(&words, &mut Input(input))
}

#[test]
fn the_far_end_of_a_cable_is_found_by_its_number() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    shell.run("ip netns add red");
    shell.run("ip link add v0 type veth peer name v1");
    shell.run("ip link set v1 netns red");
    let own = shell.run("cat /sys/class/net/v0/ifindex").stdout;
    let seen = shell
        .run("ip netns exec red cat /sys/class/net/v1/iflink")
        .stdout;
    assert_eq!(seen, own);
    assert_eq!(
        shell.run("ip netns exec red ls /sys/class/net").stdout,
        "lo\nv1\n"
    );
    let gone = shell.run("cat /sys/class/net/v1/iflink");
    assert_eq!(
        gone.stderr,
        "cat: /sys/class/net/v1/iflink: No such file or directory\n"
    );
    assert_eq!(gone.status, 1);
}

#[test]
fn a_setting_that_is_written_is_that_of_the_namespace() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    shell.run("ip netns add red");
    let line = "ip netns exec red tee /proc/sys/net/ipv4/ip_forward";
    assert_eq!(typed(&mut shell, line, "1\n").stdout, "1\n");
    assert_eq!(
        shell
            .run("ip netns exec red cat /proc/sys/net/ipv4/ip_forward")
            .stdout,
        "1\n"
    );
    assert_eq!(shell.run("cat /proc/sys/net/ipv4/ip_forward").stdout, "0\n");
    let refused = typed(&mut shell, line, "x\n");
    assert_eq!(
        refused.stderr,
        "tee: /proc/sys/net/ipv4/ip_forward: Invalid argument\n"
    );
    assert_eq!(refused.status, 1);
}

#[test]
fn attributes_of_devices_and_bridges_are_written() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    shell.run("ip link add br0 type bridge");
    for (path, value) in [
        ("mtu", "1400\n"),
        ("ifalias", "core\n"),
        ("bridge/stp_state", "1\n"),
        ("bridge/multicast_snooping", "0\n"),
    ] {
        let path = format!("/sys/class/net/br0/{path}");
        let written = typed(&mut shell, &format!("tee {path}"), value);
        assert_eq!((written.status, written.stderr.as_str()), (0, ""), "{path}");
        assert_eq!(shell.run(&format!("cat {path}")).stdout, value, "{path}");
    }
    let refused = typed(&mut shell, "tee /sys/class/net/br0/mtu", "1\n");
    assert_eq!(
        refused.stderr,
        "tee: /sys/class/net/br0/mtu: Invalid argument\n"
    );
    let readable = typed(&mut shell, "tee /sys/class/net/br0/ifindex", "1\n");
    assert_eq!(
        readable.stderr,
        "tee: /sys/class/net/br0/ifindex: Permission denied\n"
    );
}

#[test]
fn files_of_the_network_that_are_not_simulated_say_so() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    let refused = shell.run("cat /proc/net/snmp");
    assert_eq!(
        (refused.status, refused.stderr.as_str()),
        (3, "vethlab: /proc/net/snmp is not simulated\n")
    );
}

#[test]
fn a_container_is_found_by_the_link_to_its_process_until_it_is_gone() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    shell.run("docker run -d --name web nginx");
    let pid = shell.run("docker inspect -f {{.State.Pid}} web").stdout;
    let path = format!("/proc/{}/ns/net", pid.trim());
    assert_eq!(
        shell
            .run(&format!("ln -s {path} /var/run/netns/web"))
            .status,
        0
    );
    assert!(shell.run("ip netns list").stdout.starts_with("web"));
    assert!(
        shell
            .run("ip netns exec web ip addr")
            .stdout
            .contains("172.17.0.2/16")
    );
    let named = shell.run(&format!("readlink {path}")).stdout;
    assert_eq!(
        shell
            .run("ip netns exec web readlink /proc/self/ns/net")
            .stdout,
        named
    );
    assert_ne!(shell.run("readlink /proc/self/ns/net").stdout, named);
    shell.run("docker rm -f web");
    let gone = shell.run("ip netns exec web ip addr");
    assert_eq!(
        gone.stderr,
        "Cannot open network namespace \"web\": No such file or directory\n"
    );
    assert_eq!(shell.run("rm /var/run/netns/web").status, 0);
    assert_eq!(shell.run("ip netns list").stdout, "");
}
