# REJECT with every type, seen by ping, nc and tcpdump
ip netns add a; ip netns add b
ip link add a0 netns a address 02:00:00:00:00:0a type veth peer name b0 netns b address 02:00:00:00:00:0b
for x in a b; do ip -n $x link set lo up; ip -n $x link set ${x}0 up; done
ip -n a addr add 10.0.0.1/24 dev a0; ip -n b addr add 10.0.0.2/24 dev b0; ip -n a addr add fd00::1/64 dev a0 nodad; ip -n b addr add fd00::2/64 dev b0 nodad
sleep 3
for t in icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable icmp-port-unreachable icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited; do ip netns exec b iptables -F INPUT; ip netns exec b iptables -A INPUT -p icmp -j REJECT --reject-with $t; ip netns exec b iptables -S INPUT; ip netns exec a ping -c 1 -W 1 10.0.0.2; done
ip netns exec b iptables -F INPUT; ip netns exec b iptables -A INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset; ip netns exec b iptables -A INPUT -p tcp --dport 81 -j REJECT; ip netns exec b iptables -A INPUT -p tcp --dport 82 -j DROP; ip netns exec b iptables -A INPUT -p udp --dport 83 -j REJECT --reject-with icmp-admin-prohibited
for p in 80 81 82 84; do ip netns exec a nc -v -w 1 10.0.0.2 $p; done
echo x | ip netns exec a nc -u -v -w 1 10.0.0.2 83
ip netns exec b iptables -A INPUT -p udp -j REJECT --reject-with tcp-reset
ip netns exec b iptables -A INPUT -p tcp -j REJECT --reject-with nonsense
ip netns exec b iptables -A INPUT -j REJECT --reject-with host-unreach; ip netns exec b iptables -S INPUT | tail -1
for t in icmp6-no-route icmp6-adm-prohibited icmp6-addr-unreachable icmp6-port-unreachable; do ip netns exec b ip6tables -F INPUT; ip netns exec b ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j REJECT --reject-with $t; ip netns exec a ping -c 1 -W 1 fd00::2; done
ip netns exec b ip6tables -A INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
ip netns exec a traceroute -6 -T -p 80 -n -q 1 -w 1 -m 2 fd00::2
ip netns exec b ip6tables -L -n -v
ip netns exec a traceroute -T -p 80 -n -q 1 -w 1 -m 2 10.0.0.2
ip netns exec a traceroute -T -p 81 -n -q 1 -w 1 -m 2 10.0.0.2
ip netns exec a traceroute -U -p 83 -n -q 1 -w 1 -m 2 10.0.0.2
