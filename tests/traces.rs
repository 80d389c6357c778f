//! Traces, captures and recorded sessions of `vethlab exec`: the same bytes twice, replayed, read back.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use vethlab::wire::pcap::Reader;

const SCRIPT: &str = "
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0.1 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0.1
ip -n red link set r0 up
ip -n blue link set b0.1 up
ip netns exec red ping -c 2 10.0.0.2
ip netns exec red ping -c 1 -W 1 10.0.0.9
sleep 1
ping -c 1 127.0.0.1
printf 'link add v0 type veth peer name v1\\nlink set v0 up\\n' | ip -batch -
";

/// A directory of this test's own, emptied.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traces-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a writable directory");
    folder
}

fn vethlab(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vethlab"));
    command.args(arguments).output().expect("vethlab runs")
}

/// Runs the script with all that can be written.
fn record(folder: &Path) -> PathBuf {
    let at = |name: &str| folder.join(name).display().to_string();
    let output = vethlab(&[
        "exec",
        "--seed",
        "7",
        "--trace",
        &at("trace"),
        "--pcap",
        &at("pcap"),
        "--record",
        &at("record.yaml"),
        "--",
        "bash",
        "-c",
        SCRIPT,
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder.join("trace")
}

fn replay(trace: &Path) -> (Option<i32>, String) {
    let output = vethlab(&["replay", &trace.display().to_string()]);
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn trace_and_captures_are_the_same_bytes_twice_and_replay() {
    let (one, two) = (folder("one"), folder("two"));
    let trace = record(&one);
    record(&two);
    let mut names: Vec<_> = fs::read_dir(one.join("pcap"))
        .expect("captures")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "host.blue.b0%2E1.pcapng",
            "host.red.r0.pcapng",
            "host.root.lo.pcapng"
        ]
    );
    let same = |name: &str| {
        let read = |folder: &Path| fs::read(folder.join(name)).expect("it was written");
        assert_eq!(read(&one), read(&two), "{name}");
    };
    for name in ["trace", "record.yaml"] {
        same(name);
    }
    for name in &names {
        same(&format!("pcap/{name}"));
        let bytes = fs::read(one.join("pcap").join(name)).expect("it was written");
        let reader = Reader::new(&bytes).expect("a capture");
        let records: Vec<_> = reader.collect::<Result<_, _>>().expect("whole records");
        assert!(records.len() >= 2, "{name}");
        assert!(records.is_sorted_by_key(|record| record.time_ns), "{name}");
    }
    let (status, text) = replay(&trace);
    assert_eq!(
        (status, text.contains("the same again, sha256")),
        (Some(0), true),
        "{text}"
    );
}

/// A client gets its input in two parts, one of which is no text, two virtual seconds apart.
const TALK: &str = r"
ip link set lo up
nc -l -p 7000 > /dev/null < /dev/null &
sleep 1
(echo hello; sleep 2; printf 'a\377b\n') | nc -q 1 127.0.0.1 7000
";

#[test]
fn what_a_command_reads_from_its_standard_input_is_replayed_when_it_came() {
    let folder = folder("stdin");
    let trace = folder.join("trace");
    let shown = trace.display().to_string();
    let talked = vethlab(&["exec", "--trace", &shown, "--", "bash", "-c", TALK]);
    assert!(talked.status.success(), "{talked:?}");
    let text = fs::read_to_string(&trace).expect("a trace");
    for part in ["\"text\":\"hello\\n\"", "\"hex\":\"61ff620a\""] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let (status, told) = replay(&trace);
    assert_eq!(status, Some(0), "{told}");
    let changed = text.replacen("hello", "jello", 1);
    fs::write(&trace, changed).expect("writable");
    let (status, told) = replay(&trace);
    assert_eq!(status, Some(1), "other input is no other trace: {told}");
}

#[test]
fn the_first_event_that_differs_is_named() {
    let folder = folder("differs");
    let text = fs::read_to_string(record(&folder)).expect("a trace");
    let line = text
        .lines()
        .position(|line| line.contains("\"transmitted\""))
        .expect("a frame");
    let changed = text.replacen("\"transmitted\"", "\"received\"", 1);
    let trace = folder.join("changed");
    fs::write(&trace, changed).expect("writable");
    let (status, told) = replay(&trace);
    assert_eq!(status, Some(1), "{told}");
    assert!(
        told.contains(&format!("changed:{}: the first difference", line + 1)),
        "{told}"
    );
    assert!(
        told.contains("+ {") && told.contains("\"transmitted\""),
        "{told}"
    );
}

#[test]
fn bad_traces_are_refused_with_their_place() {
    let folder = folder("bad");
    let good = fs::read_to_string(record(&folder)).expect("a trace");
    let lines = good.lines().count();
    let cut = good
        .rsplit_once("{\"sha256")
        .expect("a digest")
        .0
        .to_owned();
    let newer = good.replacen("\"vethlab_trace\":1", "\"vethlab_trace\":9", 1);
    let behind = format!("{good}{{\"end\":1}}\n");
    let cases: [(&str, Vec<u8>, String); 8] = [
        ("empty", Vec::new(), ":1: an empty file".into()),
        ("noise", b"hello\n".to_vec(), ":1: expected value".into()),
        (
            "binary",
            vec![0xff; 64],
            ":1: stream did not contain valid UTF-8".into(),
        ),
        (
            "other",
            b"{\"a\":1}\n".to_vec(),
            ":1: this is no trace".into(),
        ),
        (
            "newer",
            newer.into_bytes(),
            ":1: a trace of version 9".into(),
        ),
        (
            "cut",
            cut.into_bytes(),
            format!(":{}: the trace ends without its digest", lines - 1),
        ),
        (
            "half",
            good.as_bytes()[..good.len() / 2].to_vec(),
            ": EOF while parsing".into(),
        ),
        (
            "behind",
            behind.into_bytes(),
            format!(":{}: a line behind the digest", lines + 1),
        ),
    ];
    for (name, bytes, wanted) in cases {
        let trace = folder.join(name);
        fs::write(&trace, bytes).expect("writable");
        let (status, told) = replay(&trace);
        assert_eq!(status, Some(2), "{name}: {told}");
        assert!(told.contains(&wanted), "{name}: {told}");
    }
    let (status, told) = replay(&folder.join("nowhere"));
    assert_eq!(
        (status, told.contains("failed to read")),
        (Some(2), true),
        "{told}"
    );
}

#[test]
fn a_recorded_session_is_a_scenario() {
    let folder = folder("record");
    record(&folder);
    let bytes = fs::read(folder.join("record.yaml")).expect("it was written");
    let scenario: vethlab::scenario::schema::Scenario =
        vethlab::scenario::read(&bytes).expect("a good scenario");
    assert_eq!(scenario.seed, Some(7));
    assert!(
        scenario.steps.len() >= 12,
        "{}",
        String::from_utf8_lossy(&bytes)
    );
}

#[test]
fn a_lost_frame_has_its_reason_as_a_comment() {
    let folder = folder("comment");
    let pcap = folder.join("pcap").display().to_string();
    let script = "
ip netns add red
ip link add v0 type veth peer name r0 netns red
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip -n red link set r0 up
ip -n red addr add 10.0.0.2/24 dev r0
ip route add 10.9.0.0/24 via 10.0.0.2
ping -c 1 -W 1 10.9.0.1
true";
    let output = vethlab(&["exec", "--pcap", &pcap, "--", "bash", "-c", script]);
    assert!(output.status.success());
    let bytes = fs::read(folder.join("pcap/host.red.r0.pcapng")).expect("a capture");
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("(IP_INNOROUTES): net.ipv4.ip_forward = 0"));
}

#[test]
fn a_recorded_session_is_a_scenario_that_holds() {
    let folder = folder("recorded");
    record(&folder);
    let at = |name: &str| folder.join(name).display().to_string();
    let inside =
        "ip netns add red; ip netns exec red bash -c 'ping -c 1 10.0.0.9'; docker network ls";
    let place = at("inside.yaml");
    let options = ["exec", "--docker-era", "classic", "--record", &place];
    let output = vethlab(&[&options[..], &["--", "bash", "-c", inside]].concat());
    assert!(output.status.success());
    let output = vethlab(&["test", "--twice", &at("record.yaml"), &place]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("it was written");
    for (file, parts) in [
        (
            "record.yaml",
            ["seed: 7\n", "ping -c 2 10.0.0.2\"\n", "expect: {status: 1}"],
        ),
        (
            "inside.yaml",
            [
                "docker_era: classic\n",
                "in: \"red\"\n",
                "expect: {status: 2}",
            ],
        ),
    ] {
        for part in parts {
            assert!(read(file).contains(part), "{part}: {}", read(file));
        }
    }
}

#[test]
fn a_scenario_leaves_a_trace_that_replays_and_captures() {
    let folder = folder("scenario");
    let at = |name: &str| folder.join(name).display().to_string();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/proxy-arp.yaml");
    let output = vethlab(&["run", "--trace", &at("trace"), "--pcap", &at("pcap"), file]);
    assert!(output.status.success());
    let (status, told) = replay(&folder.join("trace"));
    assert_eq!(status, Some(0), "{told}");

    let text = fs::read_to_string(at("trace")).expect("a trace");
    let first = text
        .find("\"learned\"")
        .or_else(|| text.find("\"delivered\""));
    assert!(first.is_some() && text.contains("\n{\"step\":1,"), "{text}");
    let changed = folder.join("changed");
    fs::write(&changed, text.replacen("\"delivered\"", "\"learned\"", 1)).expect("writable");
    let (status, told) = replay(&changed);
    assert_eq!(status, Some(1), "{told}");
    let cut = text.rsplit_once("{\"sha256").expect("a digest").0;
    fs::write(&changed, cut).expect("writable");
    assert_eq!(replay(&changed).0, Some(1));

    let captures = fs::read_dir(at("pcap")).expect("captures");
    for entry in captures {
        let bytes = fs::read(entry.expect("an entry").path()).expect("it was written");
        let records = Reader::new(&bytes).expect("a capture");
        let records: Vec<_> = records.collect::<Result<_, _>>().expect("whole records");
        assert!(!records.is_empty());
    }
}

#[test]
fn several_scenarios_leave_a_trace_and_captures_each() {
    let folder = folder("several");
    let at = |name: &str| folder.join(name).display().to_string();
    let file = |name: &str| format!("{}/scenarios/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let (one, two) = (file("proxy-arp"), file("router"));
    let (traces, captures) = (at("traces"), at("captures"));
    for verb in ["run", "test"] {
        let arguments = [verb, "--trace", &traces, "--pcap", &captures, &one, &two];
        assert!(vethlab(&arguments).status.success());
        for name in ["proxy-arp", "router"] {
            let (status, told) = replay(&folder.join(format!("traces/{name}.jsonl")));
            assert_eq!(status, Some(0), "{told}");
            assert!(folder.join("captures").join(name).is_dir());
        }
        let _ = fs::remove_dir_all(&traces);
        let output = vethlab(&[verb, "--trace", &traces, &one, &one]);
        assert_eq!(output.status.code(), Some(3), "both would have one name");
    }
}
