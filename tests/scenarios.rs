//! The verbs that read scenario files, from outside: `vethlab run`, `vethlab test`, and the files of the project.
//! What each rule means is tested beside its code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn vethlab(arguments: &[&str]) -> Output {
    command(arguments).output().expect("vethlab starts")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vethlab"));
    command.args(arguments).current_dir(root());
    command.env_remove("GITHUB_ACTIONS");
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A directory that is gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("vethlab-scenarios-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a scratch directory can be made");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a scratch file can be written");
        path.to_string_lossy().into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_scenario_of_the_project_holds_and_is_the_same_twice() {
    let output = vethlab(&["test", "--twice", "scenarios"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let held = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(held >= 15, "{text}");
    assert!(
        text.starts_with(&format!("TAP version 14\n1..{held}\n")),
        "{text}"
    );
}

#[test]
fn every_step_of_a_lesson_has_its_sentence() {
    for entry in fs::read_dir(root().join("scenarios")).expect("the scenarios") {
        let path = entry.expect("a readable entry").path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        let bytes = fs::read(&path).expect("a readable file");
        let scenario: vethlab::scenario::schema::Scenario =
            vethlab::scenario::read(&bytes).expect("a scenario");
        assert!(scenario.about.is_some(), "{}", path.display());
        for step in &scenario.steps {
            assert!(
                step.say.is_some(),
                "{}: a step without a sentence",
                path.display()
            );
        }
    }
}

#[test]
fn schema_that_ships_is_made_from_the_types() {
    let path = root().join("scenarios/scenario.schema.json");
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shipped == vethlab::scenario::schema::json_schema_text(),
        "write it again: vethlab test --schema > scenarios/scenario.schema.json"
    );
}

#[test]
fn bad_file_is_status_two_with_one_error_and_its_place() {
    let folder = root().join("tests/bad-scenarios");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the bad files") {
        let path = entry.expect("a readable entry").path();
        let name = path.to_string_lossy();
        let output = vethlab(&["run", &name]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {text}");
        assert!(output.stdout.is_empty(), "{name}");
        assert_eq!(text.matches(": error: ").count(), 1, "{text}");
        let place = text
            .strip_prefix(&*name)
            .and_then(|rest| rest.strip_prefix(':'));
        let place = place.and_then(|rest| rest.split_once(": error: "));
        let (place, words) = place.unwrap_or_else(|| panic!("no place: {text}"));
        let numbers: Vec<Result<u32, _>> = place.split(':').map(str::parse).collect();
        assert!(matches!(numbers[..], [Ok(1..), Ok(1..)]), "{text}");
        assert!(
            words.trim().len() > 5 && !text.contains("panicked"),
            "{text}"
        );
        count += 1;
    }
    assert!(count >= 40, "{count} bad files");
}

const NETWORK: &str = "name: broken on purpose
namespaces: [red, blue]
bridges: [{dev: br0}]
veths:
  - {a: {dev: p-red, master: br0}, b: {dev: red/eth0, address: 10.0.0.1/24, mac: '02:00:00:00:00:01'}}
  - {a: {dev: p-blue, master: br0}, b: {dev: blue/eth0, address: 10.0.0.2/24, mac: '02:00:00:00:00:02'}}
sysctls:
  - {in: red, set: net.ipv6.conf.all.disable_ipv6=1}
  - {in: blue, set: net.ipv6.conf.all.disable_ipv6=1}
steps:
  - say: Red asks blue.
    ping: {from: red, to: 10.0.0.2}
";

/// What is broken, and what has to be said: file, line, what, expected, got.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    ("status: 1", "status", "status 1", "status 0"),
    (
        "output: {contains: 2 received}",
        "output",
        "a text that contains `2 received`",
        "1 packets transmitted",
    ),
    (
        "output: {lacks: 1 received}",
        "output",
        "a text without `1 received`",
        "1 packets transmitted",
    ),
    ("output: {equals: pong}", "output", "pong", "PING 10.0.0.2"),
    (
        "output: {matches: '^pong$'}",
        "output",
        "matches `^pong$`",
        "PING 10.0.0.2",
    ),
    (
        "errors: {contains: oops}",
        "errors",
        "contains `oops`",
        "nothing",
    ),
    ("received: 2", "received", "2 received", "1 received"),
    ("lost: '>=1'", "lost", "at least 1 lost", "0 lost"),
    (
        "path: [red/eth0, blue/eth0]",
        "path",
        "red/eth0, blue/eth0",
        "red/eth0, p-red, p-blue, blue/eth0",
    ),
    (
        "drop: {reason: NEIGH_FAILED, at: red}",
        "drop",
        "NEIGH_FAILED at red",
        "nothing was lost",
    ),
    (
        "fdb: {dev: br0, has: '02:00:00:00:00:01 dev p-blue'}",
        "fdb",
        "a line with",
        "02:00:00:00:00:01 dev p-red",
    ),
    (
        "fdb: {dev: br0, lacks: '02:00:00:00:00:01'}",
        "fdb",
        "no line with",
        "02:00:00:00:00:01 dev p-red",
    ),
    (
        "neighbours: {in: red, has: 10.0.0.3}",
        "neighbours",
        "`10.0.0.3` in the neighbours of red",
        "10.0.0.2 dev eth0",
    ),
    (
        "routes: {in: red, has: default}",
        "routes",
        "`default` in the routes of red",
        "10.0.0.0/24 dev eth0",
    ),
    (
        "routes: {in: red, count: 2}",
        "routes",
        "2 lines",
        "1 lines",
    ),
    (
        "addresses: {dev: red/eth0, has: inet 10.0.0.9/24}",
        "addresses",
        "the addresses of red/eth0",
        "10.0.0.1/24",
    ),
    (
        "frames: {dev: blue/eth0, filter: icmp, count: 3}",
        "frames",
        "3 frames at blue/eth0 that match `icmp`",
        "2 frames",
    ),
    (
        "by: 1ms",
        "time",
        "the step has ended at 0.001s",
        "it ended at",
    ),
];

#[test]
fn each_kind_of_rule_that_fails_says_file_line_expected_and_got() {
    let scratch = Scratch::new("broken");
    for (index, (rule, what, expected, got)) in BROKEN.iter().enumerate() {
        let text = format!("{NETWORK}    expect:\n      {rule}\n");
        let file = scratch.file(&format!("{index}.yaml"), &text);
        let output = vethlab(&["test", &file]);
        let said = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{rule}: {said}");
        let line = if *what == "time" { 11 } else { 14 };
        assert!(said.contains(&format!("{file}:{line}:")), "{rule}: {said}");
        assert!(said.contains(&format!(": {what}\n")), "{rule}: {said}");
        let (before, after) = said.split_once("     got: ").expect("what was got");
        assert!(before.contains(expected), "{rule}: {said}");
        assert!(after.contains(got), "{rule}: {said}");
    }
}

#[test]
fn lost_ping_comes_with_the_journey_of_its_frame() {
    let scratch = Scratch::new("lost");
    let text = format!("{NETWORK}    expect: {{received: 1}}\n").replace(
        "steps:\n",
        "setup: bridge link set dev p-blue state 0\nsteps:\n",
    );
    let file = scratch.file("lost.yaml", &text);
    let said = stdout(&vethlab(&["test", &file]));
    assert!(
        said.contains("journey: the way of the lost frame"),
        "{said}"
    );
    assert!(said.contains("ICMP echo request"), "{said}");
    assert!(said.contains("LOST"), "{said}");
}

#[test]
fn status_tells_whether_it_held_or_the_input_is_wrong() {
    let scratch = Scratch::new("status");
    let good = scratch.file("good.yaml", "name: good\nsteps:\n  - run: ip link\n");
    let red = scratch.file(
        "red.yaml",
        "name: red\nsteps:\n  - run: ip link show nope\n",
    );
    let bad = scratch.file("bad.yaml", "nmae: bad\n");
    for (files, status) in [
        (vec![&good], 0),
        (vec![&good, &red], 1),
        (vec![&red, &bad, &good], 2),
    ] {
        for verb in ["run", "test"] {
            let arguments: Vec<&str> = std::iter::once(verb)
                .chain(files.iter().map(|file| file.as_str()))
                .collect();
            assert_eq!(
                vethlab(&arguments).status.code(),
                Some(status),
                "{arguments:?}"
            );
        }
    }
    assert_eq!(
        vethlab(&["run", "no-such-file.yaml"]).status.code(),
        Some(2)
    );
    assert_eq!(vethlab(&["test", "no-such-folder"]).status.code(), Some(2));
}

#[test]
fn github_gets_annotations_where_its_actions_run() {
    let scratch = Scratch::new("github");
    let file = scratch.file(
        "red.yaml",
        "name: red\nsteps:\n  - run: ip link show nope\n",
    );
    let output = command(&["test", &file])
        .env("GITHUB_ACTIONS", "true")
        .output()
        .unwrap();
    let said = stdout(&output);
    let line = said
        .lines()
        .find(|line| line.starts_with("::error "))
        .expect("an annotation");
    assert!(
        line.contains(&format!("file={file},line=3,col=10,title=red")),
        "{line}"
    );
    assert!(
        line.contains("::expected: `ip link show nope` ends with status 0%0A"),
        "{line}"
    );
    assert!(!stdout(&vethlab(&["test", &file])).contains("::error"));
}

#[test]
fn shards_part_the_files_and_their_junit_files_join() {
    let scratch = Scratch::new("shards");
    let mut names = Vec::new();
    let mut parts = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let junit = scratch
            .0
            .join(format!("{}.xml", &part[..1]))
            .to_string_lossy()
            .into_owned();
        let output = vethlab(&["test", "scenarios", "--shard", part, "--junit", &junit]);
        assert_eq!(output.status.code(), Some(0));
        names.extend(test_cases(&fs::read_to_string(&junit).unwrap()));
        parts.push(junit);
    }
    let whole = scratch.0.join("whole.xml").to_string_lossy().into_owned();
    assert_eq!(
        vethlab(&["test", "scenarios", "--junit", &whole])
            .status
            .code(),
        Some(0)
    );
    let mut all = test_cases(&fs::read_to_string(&whole).unwrap());
    names.sort();
    all.sort();
    assert_eq!(names, all);

    let joined = scratch.0.join("joined.xml").to_string_lossy().into_owned();
    let mut arguments = vec!["test", "--join", "--junit", &joined];
    arguments.extend(parts.iter().map(String::as_str));
    assert_eq!(vethlab(&arguments).status.code(), Some(0));
    let text = fs::read_to_string(&joined).unwrap();
    let mut cases = test_cases(&text);
    cases.sort();
    assert_eq!(cases, all);
    is_junit(&text);
}

/// The names of the test cases of a JUnit file.
fn test_cases(text: &str) -> Vec<String> {
    let cases = text.split("<testcase ").skip(1);
    let name = |case: &str| case.split('"').nth(1).unwrap_or_default().to_owned();
    cases.map(name).collect()
}

#[test]
fn junit_file_is_what_ci_systems_read() {
    let scratch = Scratch::new("junit");
    let good = scratch.file(
        "good.yaml",
        "name: 'good <&> \"all\"'\nsteps:\n  - run: ip link\n",
    );
    let red = scratch.file(
        "red.yaml",
        "name: red\nsteps:\n  - run: ip link show nope\n",
    );
    let bad = scratch.file("bad.yaml", "nmae: bad\n");
    let junit = scratch.0.join("out.xml").to_string_lossy().into_owned();
    vethlab(&["test", &good, &red, &bad, "--junit", &junit]);
    let text = fs::read_to_string(&junit).unwrap();
    is_junit(&text);
    for part in [
        "name=\"good &lt;&amp;&gt; &quot;all&quot;\"",
        "<failure message=",
        "<error message=",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The rules of the common schema (Jenkins's `junit-10.xsd`) that a writer can break: which elements stand in which,
/// their required attributes, and that the sums are those of the cases.
fn is_junit(text: &str) {
    const ELEMENTS: &[(&str, &[&str], &[&str])] = &[
        (
            "testsuites",
            &[""],
            &["name", "time", "tests", "failures", "errors"],
        ),
        (
            "testsuite",
            &["testsuites"],
            &["name", "time", "tests", "failures", "errors", "skipped"],
        ),
        ("testcase", &["testsuite"], &["name", "time", "classname"]),
        ("failure", &["testcase"], &["message", "type"]),
        ("error", &["testcase"], &["message", "type"]),
        ("system-out", &["testcase"], &[]),
    ];
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
        "{text}"
    );
    let mut open: Vec<&str> = Vec::new();
    let (mut cases, mut failures, mut errors) = (0, 0, 0);
    for tag in text
        .split('<')
        .skip(2)
        .map(|part| part.split('>').next().unwrap_or(""))
    {
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{text}");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or("");
        let parent = open.last().copied().unwrap_or("");
        let element = ELEMENTS.iter().find(|(known, ..)| *known == name);
        let (_, parents, attributes) = element.unwrap_or_else(|| panic!("<{name}>: {text}"));
        for attribute in tag
            .split('"')
            .step_by(2)
            .filter_map(|part| part.strip_suffix('='))
        {
            let attribute = attribute.rsplit(' ').next().unwrap_or("");
            assert!(
                attributes.contains(&attribute),
                "{attribute} of <{name}>: {text}"
            );
        }
        assert!(parents.contains(&parent), "<{name}> in <{parent}>: {text}");
        match name {
            "testcase" => {
                assert!(
                    tag.contains("name=\"") && tag.contains("classname=\""),
                    "{tag}"
                );
                cases += 1;
            }
            "testsuite" => assert!(tag.contains("name=\"") && tag.contains("tests=\""), "{tag}"),
            "failure" => failures += 1,
            "error" => errors += 1,
            _ => {}
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for (name, number) in [("tests", cases), ("failures", failures), ("errors", errors)] {
        let all = text.lines().nth(1).expect("the root element");
        assert!(
            all.contains(&format!(" {name}=\"{number}\"")),
            "{name} {number}: {text}"
        );
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let text = stdout(&vethlab(&["run", "scenarios/learning-switch.yaml"]));
    assert!(!text.contains('\x1b'), "a pipe gets none");
    assert!(text.contains("held: "), "{text}");
}

#[test]
fn commands_are_a_script_that_the_simulated_tools_run() {
    for name in ["learning-switch", "router", "article-1-veth"] {
        let file = format!("scenarios/{name}.yaml");
        let script = stdout(&vethlab(&["run", "--commands", &file]));
        assert!(script.starts_with("#!/bin/sh\n"), "{script}");
        let scratch = Scratch::new(name);
        let path = scratch.file("build.sh", &script);
        let output = command(&["exec", "--", "sh", &path]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!errors.contains("vethlab:"), "{name}: {errors}");
    }
}
