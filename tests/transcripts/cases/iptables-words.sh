ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j ACCEPT
ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j ACCEPT
ip6tables -A INPUT -s fd00::/64 -d fd00::1 -j REJECT
ip6tables -A INPUT -p tcp -j REJECT --reject-with tcp-reset
ip6tables -A INPUT -j REJECT --reject-with icmp6-adm-prohibited
ip6tables -A INPUT -m conntrack --ctstate NEW -j DROP
ip6tables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination [fd00::2]:8080
ip6tables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination fd00::2
ip6tables -t nat -A POSTROUTING -s fd00::/64 -j MASQUERADE
ip6tables -t nat -A POSTROUTING -s fd00::/64 -j SNAT --to 2001:db8::1
ip6tables -f
ip6tables -A INPUT -m hl --hl-lt 5 -j DROP
ip6tables -S
ip6tables -L
ip6tables -L -n -v
ip6tables -t nat -S
ip6tables -t nat -L -n -v
ip6tables -A INPUT -s 10.0.0.1 -j DROP
ip6tables -A INPUT -p icmp -j ACCEPT
ip6tables -A INPUT -j REJECT --reject-with icmp-port-unreachable
ip6tables-save | grep -v "^#"
iptables-save
for t in icmp-net-unreachable net-unreach icmp-host-unreachable host-unreach icmp-proto-unreachable proto-unreach port-unreach icmp-net-prohibited net-prohib host-prohib icmp-admin-prohibited admin-prohib tcp-rst; do iptables -A FORWARD -p tcp -j REJECT --reject-with $t; done; iptables -S FORWARD
for t in no-route icmp6-no-route adm-prohibited addr-unreach icmp6-addr-unreachable port-unreach icmp6-policy-fail policy-fail icmp6-reject-route reject-route; do ip6tables -A FORWARD -p tcp -j REJECT --reject-with $t; done; ip6tables -S FORWARD
iptables -N A; iptables -N B; iptables -A A -j B
iptables -A B -j A
iptables -A A -j A
iptables -A INPUT -j A
iptables -t nat -N C; iptables -t nat -A C -p tcp -j DNAT --to 1.1.1.1:80
iptables -t nat -A POSTROUTING -j C
iptables -t nat -A PREROUTING -j C
iptables -t nat -A C -j MASQUERADE
iptables -t nat -S
iptables -D A -j NOPE
iptables -C A -j B
iptables -D A 1
iptables -X A
iptables -F; iptables -X; iptables -t nat -F; iptables -t nat -X
iptables -X
iptables -N Z1; iptables -N A1; iptables -N M1; iptables -S; iptables -L -n; iptables-save | grep "^:"
iptables -A INPUT -p tcp -m tcp
iptables -A INPUT -p udp -m udp --sport 53 ! --dport 1:5
iptables -A INPUT -p icmp -m icmp
iptables -A INPUT -p tcp -m tcp --tcp-option 5
iptables -A INPUT -p icmp ! --icmp-type 8
iptables -A INPUT -m tcp --dport 5 -p tcp
iptables -A INPUT -m tcp --dport 5
iptables -A INPUT -m conntrack --ctstate ESTABLISHED -p tcp --dport 5 -m comment --comment x
iptables -A INPUT -p tcp -m conntrack --ctstate ESTABLISHED --dport 5 -m comment --comment x
iptables -A INPUT -p tcp --dport 5 -m mark --mark 1 --sport 1 -m limit --limit 1/s --syn
iptables -A INPUT -p sctp --dport 5
iptables -A INPUT -m limit
iptables -A INPUT -m limit --limit 1/hour
iptables -A INPUT -m limit --limit 10/day --limit-burst 3
iptables -A INPUT -m limit --limit 7/min
iptables -A INPUT -m limit --limit 5000/s
iptables -A INPUT -m limit --limit 20000/s
iptables -A INPUT -m physdev --physdev-is-in ! --physdev-is-out
iptables -A INPUT -m physdev
iptables -A INPUT -j LOG --log-prefix "with \"quote\" "
iptables -A INPUT -m comment --comment "it's \"q\" \\ x"
iptables -A INPUT -m comment --comment ""
iptables -A INPUT -m comment --comment 'a;b&c'
iptables -S INPUT
iptables -L INPUT -n
iptables -L INPUT
