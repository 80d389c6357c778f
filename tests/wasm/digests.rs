//! The project's scenarios in a module of WebAssembly: their digests are left in memory, where a test finds them.
//! Nothing is imported and nothing printed there; elsewhere it prints them.

use std::fmt::Write;

use vethlab::scenario::{Options, check, read, run};

/// What stands before the digests in memory: looked for by the test, in two parts so that the program's own text is not found.
const MARKER: [&str; 2] = ["vethlab-", "digests:"];

/// The scenarios, small and different: bridges, spanning tree, routers, IPv6, several hosts, tunnels, NAT, queues, containers.
const SCENARIOS: &[(&str, &[u8])] = &[
    (
        "article-2-bridge",
        include_bytes!("../../scenarios/article-2-bridge.yaml"),
    ),
    (
        "docker-bridge-and-nat",
        include_bytes!("../../scenarios/docker-bridge-and-nat.yaml"),
    ),
    (
        "forward-policy-drop",
        include_bytes!("../../scenarios/forward-policy-drop.yaml"),
    ),
    ("ipv6", include_bytes!("../../scenarios/ipv6.yaml")),
    (
        "loop-with-stp",
        include_bytes!("../../scenarios/loop-with-stp.yaml"),
    ),
    (
        "learning-switch",
        include_bytes!("../../scenarios/learning-switch.yaml"),
    ),
    (
        "lossy-link",
        include_bytes!("../../scenarios/lossy-link.yaml"),
    ),
    (
        "nat-masquerade",
        include_bytes!("../../scenarios/nat-masquerade.yaml"),
    ),
    ("path-mtu", include_bytes!("../../scenarios/path-mtu.yaml")),
    (
        "proxy-arp",
        include_bytes!("../../scenarios/proxy-arp.yaml"),
    ),
    ("router", include_bytes!("../../scenarios/router.yaml")),
    (
        "vxlan-static-entries",
        include_bytes!("../../scenarios/vxlan-static-entries.yaml"),
    ),
];

fn main() {
    let mut text = MARKER.concat();
    for (name, bytes) in SCENARIOS {
        let digest = match read(bytes).and_then(|scenario| check(&scenario)) {
            Ok(checked) => run(&checked, Options::default()).digest,
            Err(fault) => fault.to_string(),
        };
        let _ = writeln!(text, "{name} {digest}");
    }
    text.push_str("end\n");
    show(text);
}

#[cfg(target_family = "wasm")]
fn show(text: String) {
    // The module's memory is read when it has run, so the text must not be given back.
    std::hint::black_box(text.leak());
}

#[cfg(not(target_family = "wasm"))]
fn show(text: String) {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
