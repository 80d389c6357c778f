//! The binary itself: `vethlab exec` around real shells, with a clock that jumps.
//! Only a POSIX shell is needed; what the simulated tools print is tested elsewhere.
#![cfg(unix)]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const VETHLAB: &str = env!("CARGO_BIN_EXE_vethlab");

/// A directory for one test, in which its sessions live.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vl-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary directory takes another one");
        Self(path)
    }

    /// `vethlab exec` of a command.
    fn exec(&self, command: &[&str]) -> Command {
        let mut vethlab = Command::new(VETHLAB);
        vethlab
            .arg("exec")
            .arg("--")
            .args(command)
            .env("XDG_RUNTIME_DIR", &self.0)
            .env("LC_ALL", "C")
            .env_remove("VETHLAB_SOCKET")
            .current_dir(&self.0)
            .stdin(Stdio::null());
        vethlab
    }

    fn sh(&self, script: &str) -> Output {
        let output = self.exec(&["sh", "-c", script]).output();
        output.expect("the binary was built")
    }

    /// The sessions that are there now.
    fn sessions(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let is_session = |path: &PathBuf| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            name.starts_with("vethlab-")
        };
        entries
            .map(|entry| entry.path())
            .filter(is_session)
            .collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits for something that another process is about to do.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < limit, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn exit_status_is_that_of_the_command() {
    let place = Place::new("status");
    for (command, status) in [
        (&["true"][..], 0),
        (&["sh", "-c", "exit 42"], 42),
        (&["sh", "-c", "kill -9 $$"], 128 + 9),
        (&["no-such-command"], 127),
        (&["/nonexistent/command"], 127),
        (&["/"], 126),
        (&["sleep", "1h"], 0),
        (&["sleep", "x"], 1),
        (&["sh", "missing-script.sh"], 127),
    ] {
        let ended = place.exec(command).stderr(Stdio::null()).status();
        let code = ended.expect("the binary was built").code();
        // A missing script is 127 in most shells, and 2 in some.
        if command[0] == "sh" && command[1].starts_with("missing") {
            assert!(matches!(code, Some(127 | 2)), "{command:?}: {code:?}");
        } else {
            assert_eq!(code, Some(status), "{command:?}");
        }
    }
    assert!(place.sessions().is_empty());
}

#[test]
fn background_jobs_end_in_the_order_of_virtual_time() {
    let place = Place::new("order");
    let started = Instant::now();
    let script = "(sleep 300; echo c) & (sleep 100; echo a) & (sleep 200; echo b) & wait; echo d";
    assert_eq!(stdout(&place.sh(script)), "a\nb\nc\nd\n");
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "real time passed"
    );
}

#[test]
fn same_script_prints_the_same_bytes() {
    let place = Place::new("same");
    let script = "
        ip link set lo up
        ip link add va type veth peer name vb
        ip netns add red
        ip link set vb netns red up
        ip link set va up
        ip addr add 10.0.0.1/24 dev va
        ip netns exec red ip addr add 10.0.0.2/24 dev vb
        ip netns exec red tcpdump -nevi vb 2>/dev/null & t=$!
        for i in 1 2 3 4 5 6; do (sleep 0.$i; ping -c 2 10.0.0.2 | sed \"s/^/$i: /\"; echo end $i) & done
        ping -c 3 10.0.0.2 &
        ip netns exec red ping -c 3 10.0.0.1 &
        wait %2 %3 %4 %5 %6 %7 %8 %9
        kill $t; wait
        ip -s link show va
        ip neigh";
    let first = place.sh(script);
    assert!(stdout(&first).contains("end 6"), "{}", stdout(&first));
    assert_eq!(stderr(&first), "");
    for _ in 0..4 {
        let again = place.sh(script);
        assert_eq!(stdout(&again), stdout(&first));
        assert_eq!(stderr(&again), stderr(&first));
    }
}

#[test]
fn limited_time_is_virtual() {
    let place = Place::new("timeout");
    for (script, status) in [
        ("timeout 3 sleep 1000", 124),
        ("timeout 1000 sleep 3", 0),
        ("timeout 5 sh -c 'exit 3'", 3),
        ("timeout --preserve-status 3 sleep 1000", 128 + 15),
        ("timeout -s KILL 1 sleep 1000", 128 + 9),
        (
            "timeout -k 5 1 sh -c 'trap \"\" TERM; sleep 1000; sleep 1000; sleep 1000'",
            128 + 9,
        ),
        ("timeout 0 sleep 10", 0),
        ("timeout 5 no-such-command", 127),
        ("timeout x true", 125),
    ] {
        let output = place.sh(script);
        let code = output.status.code();
        assert_eq!(code, Some(status), "{script}: {}", stderr(&output));
    }
}

#[test]
fn tools_come_first_and_their_directory_is_private() {
    let place = Place::new("path");
    let output = place.sh(
        "for tool in ip ping sleep; do command -v $tool; done; ls -ld \"${VETHLAB_SOCKET%/*}\"",
    );
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    let root = place.0.to_string_lossy().into_owned();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(
        lines[..3].iter().all(|line| line.starts_with(&root)),
        "{text}"
    );
    assert!(lines[3].starts_with("drwx------"), "{text}");
    assert!(place.sessions().is_empty());
}

#[test]
fn two_clients_at_once_and_one_killed_leave_the_world_whole() {
    let place = Place::new("killed");
    let script = "
        ip link set lo up
        ping 127.0.0.1 >/dev/null & p=$!
        ping 127.0.0.1 >/dev/null & q=$!
        sleep 2; kill -9 $p; sleep 2; kill -INT $q
        wait $p; echo $?; wait $q; echo $?
        ping -c 1 127.0.0.1 >/dev/null; echo $?";
    assert_eq!(stdout(&place.sh(script)), "137\n0\n0\n");
}

#[test]
fn tool_whose_reader_has_gone_ends_quietly() {
    let place = Place::new("pipe");
    let output =
        place.sh("ip link set lo up; ping 127.0.0.1 | head -n 2; ip link show lo | head -n 1");
    assert_eq!(stdout(&output).lines().count(), 3, "{}", stdout(&output));
    assert_eq!(stderr(&output), "");
}

#[test]
fn tool_outside_a_session_says_where_it_works() {
    let place = Place::new("outside");
    let link = place.0.join("ip");
    std::os::unix::fs::symlink(VETHLAB, &link).expect("a link can be made");
    let output = Command::new(&link)
        .arg("link")
        .env_remove("VETHLAB_SOCKET")
        .output()
        .expect("the link leads to the binary");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).starts_with("ip: vethlab: "),
        "{}",
        stderr(&output)
    );
    assert_eq!(stderr(&output).lines().count(), 1);
}

#[test]
fn child_that_outlives_the_command_gets_a_clear_error() {
    let place = Place::new("outlive");
    let script = "(while [ -e \"$VETHLAB_SOCKET\" ]; do :; done
        \"$LINK\" 1 2>words; echo $? >status.part; mv status.part status) >/dev/null 2>&1 &";
    let link = place.0.join("sleep");
    std::os::unix::fs::symlink(VETHLAB, &link).expect("a link can be made");
    let ended = place
        .exec(&["sh", "-c", script])
        .env("LINK", &link)
        .status();
    assert!(ended.expect("the binary was built").success());
    eventually("the child's status", || place.0.join("status").exists());
    let read = |name: &str| fs::read_to_string(place.0.join(name)).unwrap_or_default();
    assert_eq!(read("status"), "3\n");
    assert_eq!(
        read("words"),
        "sleep: vethlab: the session that this belonged to has ended\n"
    );
}

#[test]
fn background_jobs_end_with_the_command() {
    let place = Place::new("jobs");
    let started = Instant::now();
    // Closed files, so that nobody waits for the job but the session.
    let script = "sleep infinity >/dev/null 2>&1 & ip link set lo up; echo done";
    assert_eq!(stdout(&place.sh(script)), "done\n");
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(place.sessions().is_empty());
}

/// A session that runs until it is told to end, and has begun to serve.
fn long_session(place: &Place) -> std::process::Child {
    let script = "echo ready >ready.part; mv ready.part ready; read line";
    let child = place
        .exec(&["sh", "-c", script])
        .stdin(Stdio::piped())
        .spawn();
    let child = child.expect("the binary was built");
    eventually("the session", || place.0.join("ready").exists());
    child
}

/// Whether this process, and so its children, ignore a signal.
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}

#[test]
fn directory_is_removed_where_a_signal_ends_the_session() {
    for (name, number) in [("TERM", 15), ("HUP", 1), ("INT", 2)] {
        let status = 128 + number;
        // As `nohup` leaves it, and a shell with `&`: a session leaves alone what it was told to ignore.
        if is_ignored(number) {
            continue;
        }
        let place = Place::new(&format!("signal-{name}"));
        let mut session = long_session(&place);
        assert_eq!(place.sessions().len(), 1);
        let kill = Command::new("kill")
            .args([&format!("-{name}"), &session.id().to_string()])
            .status();
        assert!(kill.expect("there is a kill").success());
        // Waiting would close it, and the shell would come to its end by itself.
        let stdin = session.stdin.take();
        let ended = session.wait().expect("it is our child");
        drop(stdin);
        assert_eq!(
            (ended.code(), ended.signal()),
            (Some(status), None),
            "{name}"
        );
        assert!(place.sessions().is_empty(), "{name}");
    }
}

#[test]
fn sessions_do_not_know_of_one_another() {
    let place = Place::new("two");
    let mut first = long_session(&place);
    assert!(
        place
            .sh("ip link add va type veth peer name vb")
            .status
            .success()
    );
    assert!(
        place
            .sh("ip link add va type veth peer name vb")
            .status
            .success()
    );
    drop(first.stdin.take());
    assert!(first.wait().expect("it is our child").code().is_some());
    let nested = format!("{VETHLAB} exec -- sh -c 'sleep 5; echo in'; sleep 5; echo out");
    assert_eq!(stdout(&place.sh(&nested)), "in\nout\n");
}

#[test]
fn program_that_waits_for_a_person_holds_the_clock_at_the_walls_pace() {
    let place = Place::new("wall");
    // A thousand pings would be printed at once if the clock jumped while the shell reads.
    let script = "ip link set lo up; ping -c 1000 127.0.0.1 >out & echo >begun; read line; kill $!; grep -c seq= out";
    let mut session = place
        .exec(&["sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    let out = place.0.join("out");
    let has_begun = |path: &Path| fs::metadata(path).is_ok_and(|meta| meta.len() > 0);
    eventually("the first ping", || has_begun(&out));
    drop(session.stdin.take());
    let output = session.wait_with_output().expect("it is our child");
    let count: u32 = stdout(&output).trim().parse().expect("a number is printed");
    assert!(count < 1000, "{count}");
}

#[test]
fn wrong_input_says_so() {
    for (arguments, status) in [
        (&["replay", "nowhere"][..], 2),
        (&["exec", "--seed", "x", "--", "true"], 2),
        (&["exec"], 2),
        (&["nonsense"], 2),
        (&["--version"], 0),
        (&["--help"], 0),
    ] {
        let output = Command::new(VETHLAB).args(arguments).output();
        let output = output.expect("the binary was built");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty());
    }
}
