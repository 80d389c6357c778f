use crate::kernel::World;
use crate::tool::Shell;

fn run(lines: &[&str]) -> (i32, String) {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    let mut last = (0, String::new());
    for line in lines {
        let done = shell.run(line);
        last = (done.status, done.stdout + &done.stderr);
    }
    last
}

#[test]
fn a_listing_has_the_columns_of_iptables() {
    let (status, text) = run(&[
        "iptables -N FOO",
        "iptables -A INPUT -p tcp --dport 80 -s 10.0.0.0/8 -j FOO",
        "iptables -L -n",
    ]);
    assert_eq!(status, 0);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Chain INPUT (policy ACCEPT)");
    assert_eq!(
        lines[1],
        "target     prot opt source               destination         "
    );
    assert_eq!(
        lines[2],
        "FOO        6    --  10.0.0.0/8           0.0.0.0/0            tcp dpt:80"
    );
    assert_eq!(lines[10], "Chain FOO (1 references)");
}

#[test]
fn errors_have_the_status_of_iptables() {
    for (line, status, text) in [
        (
            "iptables -X NOPE",
            1,
            "iptables: No chain/target/match by that name.\n",
        ),
        (
            "iptables -A INPUT -j NOPE",
            2,
            "iptables v1.8.9 (nf_tables): Chain 'NOPE' does not exist\nTry `iptables -h' or 'iptables --help' for more information.\n",
        ),
        (
            "ip6tables -t nope -L",
            3,
            "ip6tables v1.8.9 (nf_tables): table 'nope' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n",
        ),
        (
            "iptables -A INPUT -j MASQUERADE",
            4,
            "iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain INPUT\n",
        ),
    ] {
        assert_eq!(run(&[line]), (status, text.to_owned()), "{line}");
    }
}
