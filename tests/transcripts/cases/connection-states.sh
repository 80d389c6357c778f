# connection states count what passes: NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED
for n in a r b; do ip netns add $n; ip -n $n link set lo up; done
ip link add a0 netns a address 02:00:00:00:00:0a type veth peer name ra netns r address 02:00:00:00:01:0a; ip link add b0 netns b address 02:00:00:00:00:0b type veth peer name rb netns r address 02:00:00:00:01:0b
ip -n a addr add 10.1.0.2/24 dev a0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev b0
ip -n a link set a0 up; ip -n b link set b0 up; ip -n r link set ra up; ip -n r link set rb up; ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; ip netns exec r sysctl -qw net.ipv4.ip_forward=1; sleep 2
for s in NEW ESTABLISHED RELATED INVALID UNTRACKED; do ip netns exec r iptables -A FORWARD -m conntrack --ctstate $s -m comment --comment $s; done
ip netns exec a ping -c 3 -i 0.2 10.2.0.2
ip netns exec r iptables -L FORWARD -n -v -Z
ip netns exec b sh -c 'echo answer | nc -l -p 80 -q 1' & sleep 0.3; echo question | ip netns exec a nc -q 1 10.2.0.2 80
ip netns exec r iptables -L FORWARD -n -v -Z
ip netns exec a nc -n -v -z -w 1 10.2.0.2 81
ip netns exec r iptables -L FORWARD -n -v -Z
echo x | ip netns exec a nc -n -u -w 1 10.2.0.2 82
ip netns exec r iptables -L FORWARD -n -v -Z
ip netns exec a traceroute -n -q 1 -N 1 -w 1 10.2.0.2
ip netns exec r iptables -L FORWARD -n -v -Z
ip netns exec r iptables -t raw -A PREROUTING -p icmp -j CT --notrack
ip netns exec a ping -c 1 10.2.0.2
ip netns exec r iptables -L FORWARD -n -v -Z
ip netns exec r iptables -t raw -S; ip netns exec r iptables -t raw -L -n
ip netns exec r iptables -A FORWARD -m conntrack --ctproto tcp --ctdir ORIGINAL --ctorigsrc 10.1.0.0/24 --ctorigdstport 80 -j ACCEPT
ip netns exec r iptables -A FORWARD -m conntrack --ctstatus ASSURED,SEEN_REPLY -j ACCEPT; ip netns exec r iptables -A FORWARD -m conntrack ! --ctstate INVALID,NEW --ctexpire 10:20 -j ACCEPT; ip netns exec r iptables -A FORWARD -m conntrack --ctstate DNAT,SNAT; ip netns exec r iptables -A FORWARD -m conntrack --ctstate FOO
ip netns exec r iptables -S FORWARD
ip netns exec r sysctl net.netfilter.nf_conntrack_count; ip netns exec r sysctl net.netfilter.nf_conntrack_tcp_timeout_established net.netfilter.nf_conntrack_udp_timeout net.netfilter.nf_conntrack_icmp_timeout net.netfilter.nf_conntrack_max
