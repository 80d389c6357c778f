use super::*;

fn rule(words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    match parse_rule(Family::V4, &words) {
        Ok(rule) => rule.to_string(),
        Err(error) => format!("error {}: {error}", error.status),
    }
}

#[test]
fn rules_are_written_as_iptables_writes_them() {
    for (words, saved) in [
        (
            "-p tcp --dport 80 -j ACCEPT",
            "-p tcp -m tcp --dport 80 -j ACCEPT",
        ),
        (
            "-p udp -m udp --dport 53 -s 10.0.0.0/8 -d 192.168.1.1 -i eth0 -j ACCEPT",
            "-s 10.0.0.0/8 -d 192.168.1.1/32 -i eth0 -p udp -m udp --dport 53 -j ACCEPT",
        ),
        (
            "-p tcp ! --syn -j DROP",
            "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP",
        ),
        (
            "-m conntrack --ctstate NEW,ESTABLISHED,RELATED -j ACCEPT",
            "-m conntrack --ctstate NEW,RELATED,ESTABLISHED -j ACCEPT",
        ),
        ("-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"),
        ("-s 0/0 -i + -p all", ""),
        ("-j MARK --set-mark 5", "-j MARK --set-xmark 0x5/0xffffffff"),
        ("-m limit --limit 7/min", "-m limit --limit 7/min"),
        ("-g FOO", "-g FOO"),
    ] {
        assert_eq!(rule(words), saved, "{words}");
    }
}

#[test]
fn wrong_words_have_the_words_of_iptables() {
    for (words, error) in [
        ("--dport 80", "error 2: unknown option \"--dport\""),
        ("-p icmp --dport 80", "error 2: unknown option \"--dport\""),
        ("-s nope", "error 2: host/network `nope' not found"),
        ("-s 10.0.0.0/33", "error 2: invalid mask `33' specified"),
        ("-j ACCEPT foo", "error 2: Bad argument `foo'"),
        (
            "-m connbytes",
            "error 3: vethlab: the match `connbytes' of iptables is not simulated",
        ),
        ("-m limit --limit 5/nope", "error 2: bad rate \"5/nope\"'"),
    ] {
        assert_eq!(rule(words), error, "{words}");
    }
}
