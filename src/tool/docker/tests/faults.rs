//! What is refused, in the words of each era and with its exit status: one line a case.
//! The left column is what is typed after what has been set up.

use super::Lab;
use crate::docker::Era;

/// A row of the table of faults, lines that go well, a line that is refused, its status, and what it says in each of
/// `ERAS`: `=` is what the era before says, `<64>` an id.
type Case<'a> = (&'a str, &'a [&'a str], &'a str, i32, [&'a str; 3]);

const ERAS: [Era; 3] = [Era::Article, Era::Classic, Era::Current];

/// The rows of the table of faults that these engines are modelled after, each with the cases below: all are reached.
/// What is below and not here goes beyond it.
const ROWS: [&str; 27] = [
    "unknown network (inspect/rm/connect)",
    "run on unknown network",
    "name exists",
    "remove in use",
    "remove predefined",
    "create predefined name",
    "subnet overlaps other docker net",
    "pools exhausted",
    "same bridge name",
    "--ip taken",
    "--ip on default bridge",
    "--ip outside / without --subnet",
    "already connected",
    "disconnect not connected",
    "port taken",
    "container name taken",
    "unknown container",
    "exec stopped",
    "rm running",
    "overlay, no swarm",
    "swarm cmd on worker",
    "init/join twice",
    "leave w/o swarm",
    "many IPs at init",
    "run on non-attachable overlay",
    "rm overlay in use",
    "host/none extra",
];

const CASES: &[Case<'_>] = &[
    (
        "unknown network (inspect/rm/connect)",
        &[],
        "docker network inspect foo",
        1,
        [
            "Error: No such network: foo",
            "Error response from daemon: network foo not found",
            "=",
        ],
    ),
    (
        "unknown network (inspect/rm/connect)",
        &[],
        "docker network rm foo",
        1,
        [
            "Error: No such network: foo",
            "Error response from daemon: network foo not found",
            "=",
        ],
    ),
    (
        "unknown network (inspect/rm/connect)",
        &["docker run -d --name web nginx"],
        "docker network connect foo web",
        1,
        [
            "Error response from daemon: network foo not found",
            "=",
            "=",
        ],
    ),
    (
        "run on unknown network",
        &[],
        "docker run --network foo alpine",
        125,
        [
            "docker: Error response from daemon: network foo not found.\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: failed to set up container networking: network foo not found\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "name exists",
        &["docker network create foo"],
        "docker network create foo",
        1,
        [
            "Error response from daemon: network with name foo already exists",
            "=",
            "=",
        ],
    ),
    (
        "remove in use",
        &[
            "docker network create foo",
            "docker run -d --name web --network foo nginx",
        ],
        "docker network rm foo",
        1,
        [
            "Error response from daemon: error while removing network: network foo id <64> has active endpoints",
            "=",
            "Error response from daemon: error while removing network: network foo has active endpoints (name:\"web\" id:\"<12>\")",
        ],
    ),
    (
        "remove predefined",
        &[],
        "docker network rm bridge",
        1,
        [
            "Error response from daemon: bridge is a pre-defined network and cannot be removed",
            "=",
            "=",
        ],
    ),
    (
        "remove predefined",
        &[],
        "docker network rm host",
        1,
        [
            "Error response from daemon: host is a pre-defined network and cannot be removed",
            "=",
            "=",
        ],
    ),
    (
        "remove predefined",
        &[],
        "docker network rm none",
        1,
        [
            "Error response from daemon: none is a pre-defined network and cannot be removed",
            "=",
            "=",
        ],
    ),
    (
        "create predefined name",
        &[],
        "docker network create bridge",
        1,
        [
            "Error response from daemon: operation is not permitted on predefined bridge network ",
            "=",
            "=",
        ],
    ),
    (
        "create predefined name",
        &[],
        "docker network create host",
        1,
        [
            "Error response from daemon: operation is not permitted on predefined host network ",
            "=",
            "=",
        ],
    ),
    (
        "subnet overlaps other docker net",
        &["docker network create --subnet 10.9.0.0/16 a"],
        "docker network create --subnet 10.9.1.0/24 b",
        1,
        [
            "Error response from daemon: Pool overlaps with other one on this address space",
            "=",
            "Error response from daemon: invalid pool request: Pool overlaps with other one on this address space",
        ],
    ),
    (
        "pools exhausted",
        &["FILL 29"],
        "docker network create last",
        1,
        [
            "Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
            "=",
            "Error response from daemon: all predefined address pools have been fully subnetted",
        ],
    ),
    (
        "same bridge name",
        &["docker network create -o com.docker.network.bridge.name=br0 a"],
        "docker network create -o com.docker.network.bridge.name=br0 b",
        1,
        [
            "Error response from daemon: cannot create network <64> (br0): conflicts with network <64> (br0): networks have same bridge name",
            "=",
            "=",
        ],
    ),
    (
        "--ip taken",
        &[
            "docker network create --subnet 10.9.0.0/16 a",
            "docker run -d --network a --ip 10.9.0.7 nginx",
        ],
        "docker run -d --network a --ip 10.9.0.7 nginx",
        125,
        [
            "docker: Error response from daemon: Address already in use.\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: failed to set up container networking: Address already in use\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "--ip taken",
        &[
            "docker network create --subnet 10.9.0.0/16 a",
            "docker run -d --name web nginx",
        ],
        "docker network connect --ip 10.9.0.1 a web",
        1,
        [
            "Error response from daemon: Address already in use",
            "=",
            "=",
        ],
    ),
    (
        "--ip on default bridge",
        &[],
        "docker run -d --ip 172.17.0.9 nginx",
        125,
        [
            "docker: Error response from daemon: user specified IP address is supported on user defined networks only.\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "--ip outside / without --subnet",
        &["docker network create --subnet 10.9.0.0/16 a"],
        "docker run -d --network a --ip 192.168.100.10 nginx",
        125,
        [
            "docker: Error response from daemon: user specified IP address is supported only when connecting to networks with user configured subnets.\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: invalid endpoint settings:\nno configured subnet contains IP address 192.168.100.10\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "--ip outside / without --subnet",
        &["docker network create a", "docker run -d --name web nginx"],
        "docker network connect --ip 10.9.0.7 a web",
        1,
        [
            "Error response from daemon: user specified IP address is supported only when connecting to networks with user configured subnets",
            "=",
            "Error response from daemon: invalid endpoint settings:\nno configured subnet contains IP address 10.9.0.7",
        ],
    ),
    (
        "already connected",
        &[
            "docker network create a",
            "docker run -d --name web --network a nginx",
        ],
        "docker network connect a web",
        1,
        [
            "Error response from daemon: endpoint with name web already exists in network a",
            "=",
            "=",
        ],
    ),
    (
        "already connected",
        &[
            "docker swarm init",
            "docker network create -d overlay --attachable mynet",
            "docker run -d --name web --network mynet nginx",
        ],
        "docker network connect mynet web",
        1,
        [
            "Error response from daemon: web is already attached to network mynet",
            "=",
            "=",
        ],
    ),
    (
        "disconnect not connected",
        &["docker network create a", "docker run -d --name web nginx"],
        "docker network disconnect a web",
        1,
        [
            "Error response from daemon: container <64> is not connected to network a",
            "=",
            "=",
        ],
    ),
    (
        "disconnect not connected",
        &[
            "docker network create a",
            "docker run -d --name web --network a nginx",
            "docker network disconnect a web",
        ],
        "docker network disconnect a web",
        1,
        [
            "Error response from daemon: container <64> is not connected to network a",
            "=",
            "=",
        ],
    ),
    (
        "port taken",
        &["docker run -d -p 8080:80 nginx"],
        "docker run -d --name web -p 8080:80 nginx",
        125,
        [
            "docker: Error response from daemon: driver failed programming external connectivity on endpoint web (<64>): Bind for 0.0.0.0:8080 failed: port is already allocated.\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint web (<64>): Bind for 0.0.0.0:8080 failed: port is already allocated\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "port of another program",
        &["docker run -d --network host httpd"],
        "docker run -d --name web -p 80:80 nginx",
        125,
        [
            "docker: Error response from daemon: driver failed programming external connectivity on endpoint web (<64>): Error starting userland proxy: listen tcp 0.0.0.0:80: bind: address already in use.\nSee 'docker run --help'.",
            "docker: Error response from daemon: driver failed programming external connectivity on endpoint web (<64>): Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use.\nSee 'docker run --help'.",
            "docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint web (<64>): failed to bind host port 0.0.0.0:80/tcp: address already in use\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "container name taken",
        &["docker run -d --name web nginx"],
        "docker run -d --name web nginx",
        125,
        [
            "docker: Error response from daemon: Conflict. The container name \"/web\" is already in use by container \"<64>\". You have to remove (or rename) that container to be able to reuse that name..\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: Conflict. The container name \"/web\" is already in use by container \"<64>\". You have to remove (or rename) that container to be able to reuse that name.\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "unknown container",
        &[],
        "docker stop web",
        1,
        [
            "Error response from daemon: No such container: web",
            "=",
            "=",
        ],
    ),
    (
        "unknown container",
        &[],
        "docker exec web ip link",
        1,
        [
            "Error response from daemon: No such container: web",
            "=",
            "=",
        ],
    ),
    (
        "unknown container",
        &[],
        "docker start web",
        1,
        [
            "Error response from daemon: No such container: web\nError: failed to start containers: web",
            "=",
            "Error response from daemon: No such container: web\nfailed to start containers: web",
        ],
    ),
    (
        "exec stopped",
        &["docker create --name web nginx"],
        "docker exec web ip link",
        1,
        [
            "Error response from daemon: Container <64> is not running",
            "=",
            "Error response from daemon: container <64> is not running",
        ],
    ),
    (
        "rm running",
        &["docker run -d --name web nginx"],
        "docker rm web",
        1,
        [
            "Error response from daemon: You cannot remove a running container <64>. Stop the container before attempting removal or force remove",
            "=",
            "Error response from daemon: cannot remove container \"web\": container is running: stop the container before removing or force remove",
        ],
    ),
    (
        "overlay, no swarm",
        &[],
        "docker network create -d overlay a",
        1,
        [
            "Error response from daemon: This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
            "=",
            "=",
        ],
    ),
    (
        "overlay, no swarm",
        &[],
        "docker node ls",
        1,
        [
            "Error response from daemon: This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
            "=",
            "=",
        ],
    ),
    (
        "swarm cmd on worker",
        &["docker swarm init", "JOIN h2"],
        "on h2 docker service ls",
        1,
        [
            "Error response from daemon: This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
            "=",
            "=",
        ],
    ),
    (
        "swarm cmd on worker",
        &["docker swarm init", "JOIN h2"],
        "on h2 docker network create -d overlay a",
        1,
        [
            "Error response from daemon: This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
            "=",
            "=",
        ],
    ),
    (
        "init/join twice",
        &["docker swarm init"],
        "docker swarm init",
        1,
        [
            "Error response from daemon: This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.",
            "=",
            "=",
        ],
    ),
    (
        "init/join twice",
        &["docker swarm init"],
        "docker swarm join --token x 192.168.0.12:2377",
        1,
        [
            "Error response from daemon: This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.",
            "=",
            "=",
        ],
    ),
    (
        "init/join twice",
        &["docker swarm init", "JOIN h2"],
        "on h2 docker swarm join --token x 192.168.0.11:2377",
        1,
        [
            "Error response from daemon: This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.",
            "=",
            "=",
        ],
    ),
    (
        "leave w/o swarm",
        &[],
        "docker swarm leave",
        1,
        [
            "Error response from daemon: This node is not part of a swarm",
            "=",
            "=",
        ],
    ),
    (
        "many IPs at init",
        &[
            "ip link add eth1 type dummy",
            "ip addr add 10.7.0.1/24 dev eth1",
        ],
        "docker swarm init",
        1,
        [
            "Error response from daemon: could not choose an IP address to advertise since this system has multiple addresses on different interfaces (192.168.0.11 on eth0 and 10.7.0.1 on eth1) - specify one with --advertise-addr",
            "=",
            "=",
        ],
    ),
    (
        "run on non-attachable overlay",
        &[
            "docker swarm init",
            "docker network create -d overlay mynet",
        ],
        "docker run -d --network mynet nginx",
        125,
        [
            "docker: Error response from daemon: Could not attach to network mynet: rpc error: code = PermissionDenied desc = network mynet not manually attachable.\nSee 'docker run --help'.",
            "=",
            "docker: Error response from daemon: Could not attach to network mynet: rpc error: code = PermissionDenied desc = network mynet not manually attachable\n\nRun 'docker run --help' for more information",
        ],
    ),
    (
        "rm overlay in use",
        &[
            "docker swarm init",
            "docker network create -d overlay mynet",
            "docker service create -d --name web --network mynet nginx",
        ],
        "docker network rm mynet",
        1,
        [
            "Error response from daemon: rpc error: code = FailedPrecondition desc = network <25> is in use by service <25>",
            "=",
            "=",
        ],
    ),
    (
        "rm overlay in use",
        &[
            "docker swarm init",
            "docker network create -d overlay --attachable mynet",
            "docker run -d --name web --network mynet nginx",
        ],
        "docker network rm mynet",
        1,
        [
            "Error response from daemon: rpc error: code = FailedPrecondition desc = network <25> is in use by task <25>",
            "=",
            "=",
        ],
    ),
    (
        "host/none extra",
        &["docker run -d --name web nginx"],
        "docker run -d --name app --network container:web alpine sleep 100",
        0,
        ["", "=", "="],
    ),
    (
        "host/none extra",
        &[
            "docker run -d --name web nginx",
            "docker run -d --name app --network container:web alpine sleep 100",
            "docker network create a",
        ],
        "docker network connect a app",
        1,
        [
            "Error response from daemon: container sharing network namespace with another container or host cannot be connected to any other network",
            "=",
            "=",
        ],
    ),
    (
        "host/none extra",
        &["docker run -d --name web --network host nginx"],
        "docker network disconnect host web",
        1,
        [
            "Error response from daemon: container cannot be disconnected from host network or connected to host network",
            "=",
            "=",
        ],
    ),
    (
        "host/none extra",
        &["docker run -d --name web nginx"],
        "docker network connect host web",
        1,
        [
            "Error response from daemon: container cannot be disconnected from host network or connected to host network",
            "=",
            "=",
        ],
    ),
    (
        "host/none extra",
        &["docker run -d --name web --network host nginx"],
        "docker network connect bridge web",
        1,
        [
            "Error response from daemon: container sharing network namespace with another container or host cannot be connected to any other network",
            "=",
            "=",
        ],
    ),
    (
        "host/none extra",
        &["docker run -d --name web --network none nginx"],
        "docker network connect bridge web",
        1,
        [
            "Error response from daemon: container cannot be connected to multiple networks with one of the networks in private (none) mode",
            "=",
            "=",
        ],
    ),
    (
        "a second host network",
        &[],
        "docker network create -d host a",
        1,
        [
            "Error response from daemon: only one instance of \"host\" network is allowed",
            "=",
            "=",
        ],
    ),
    (
        "parent taken",
        &["docker network create -d macvlan -o parent=eth0 a"],
        "docker network create -d macvlan -o parent=eth0 b",
        1,
        [
            "Error response from daemon: network dm-<12> is already using parent interface eth0",
            "=",
            "=",
        ],
    ),
];

/// Ids give way to their length.
fn blank(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let end = |word: &mut String, out: &mut String| {
        let id = word
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        let digits = word.bytes().any(|b| b.is_ascii_digit());
        match (word.len(), id && digits) {
            (length @ (12 | 25 | 64), true) => out.push_str(&format!("<{length}>")),
            _ => out.push_str(word),
        }
        word.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        end(&mut word, &mut out);
        out.push(c);
    }
    end(&mut word, &mut out);
    out
}

#[test]
fn what_is_refused_is_refused_in_the_words_of_its_era() {
    let mut wrong = String::new();
    for (number, era) in ERAS.into_iter().enumerate() {
        for (row, before, line, status, words) in CASES {
            let mut lab = Lab::with_hosts(era, 2);
            for line in *before {
                match line.split_once(' ') {
                    Some(("JOIN", host)) => lab.join(host),
                    // The default subnets that are left: docker0 has one, the machines' own network another.
                    Some(("FILL", count)) => {
                        for number in 1..=count.parse().unwrap() {
                            lab.ok(&format!("docker network create n{number}"));
                        }
                    }
                    _ => drop(lab.ok(line)),
                }
            }
            let done = lab.finish(line);
            let mut said = words[..=number].iter().rev();
            let said = said
                .find(|words| **words != "=")
                .expect("article has words");
            let want = match said.is_empty() {
                true => String::new(),
                false => format!("{said}\n"),
            };
            let (got, code) = (blank(&done.stderr), done.status);
            if (&got, code) != (&want, *status) {
                wrong.push_str(&format!(
                    "{era}: {row}: {line}\n  {status}: {want}  {code}: {got}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "wanted, and what was said:\n{wrong}");
}

#[test]
fn every_row_of_the_table_of_faults_has_a_case() {
    for row in ROWS {
        let mut cases = CASES.iter().filter(|case| case.0 == row);
        assert!(cases.any(|case| case.3 != 0), "{row}");
    }
}

#[test]
fn a_network_that_is_not_there_is_an_empty_list_first() {
    for era in ERAS {
        let mut lab = Lab::new(era);
        assert_eq!(lab.finish("docker network inspect foo").stdout, "[]\n");
    }
}

#[test]
fn the_default_subnets_are_thirty_one() {
    for era in ERAS {
        let mut lab = Lab::new(era);
        for number in 1..31 {
            lab.ok(&format!("docker network create n{number}"));
        }
        assert_eq!(lab.finish("docker network create last").status, 1);
    }
}

#[test]
fn wrong_command_lines_are_told_as_the_client_tells_them() {
    let mut lab = Lab::new(Era::Classic);
    for (line, status, want) in [
        (
            "docker frob",
            1,
            "docker: 'frob' is not a docker command.\nSee 'docker --help'\n",
        ),
        (
            "docker run --frob x",
            125,
            "unknown flag: --frob\nSee 'docker run --help'.\n",
        ),
        (
            "docker stack ls",
            3,
            "vethlab: docker stack is not simulated\n",
        ),
        (
            "docker run -p 80:x nginx",
            125,
            "docker: invalid containerPort: x.\nSee 'docker run --help'.\n",
        ),
    ] {
        let done = lab.finish(line);
        assert_eq!(
            (done.stderr.as_str(), done.status),
            (want, status),
            "{line}"
        );
    }
}

#[test]
fn hostile_lines_end() {
    let mut lab = Lab::with_hosts(Era::Current, 1);
    lab.ok("docker swarm init");
    for line in [
        "docker network create --subnet 0.0.0.0/0 a",
        "docker network create --subnet ::/0 b",
        "docker network inspect b",
        "docker network create --subnet 10.0.0.0/32 c",
        "docker network create -d overlay --attachable -o com.docker.network.driver.mtu=10 d",
        "docker run -d --network d nginx",
        "docker network create -o com.docker.network.bridge.name=../../x e",
        "docker network create -o com.docker.network.container_iface_prefix=waytoolongforadevice f",
        "docker run -d --network f nginx",
        "docker run -d -p 1-65535:1-65535 nginx",
        "docker service create -d --replicas 4000000000 nginx",
        "docker network create -d macvlan -o parent=nosuch.5 g",
        "docker network create -d macvlan -o parent=eth0.9999 h",
        "docker run --network container:nosuch alpine",
        "docker network create ''",
        "docker inspect ''",
        "docker inspect -f '{{index}}' bridge",
        "docker run -d --mac-address ff:ff:ff:ff:ff:ff nginx",
        "docker run -d --sysctl nosuch=1 nginx",
        "docker service create -d --network ingress nginx",
        "docker swarm join --token x :",
    ] {
        let done = lab.finish(line);
        assert!((0..=127).contains(&done.status), "{line}");
    }
    assert!(lab.ok("ip link").contains("docker0"));
}
