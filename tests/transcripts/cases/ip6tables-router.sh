sysctl -qw net.ipv6.conf.all.forwarding=1
ip netns add a; ip netns add b
ip link add ra address 02:00:00:00:01:01 type veth peer name eth0 netns a address 02:00:00:00:01:02
ip link add rb address 02:00:00:00:02:01 type veth peer name eth0 netns b address 02:00:00:00:02:02
ip addr add fd00:1::1/64 dev ra nodad; ip addr add fd00:2::1/64 dev rb nodad; ip link set ra up; ip link set rb up
ip -n a addr add fd00:1::2/64 dev eth0 nodad; ip -n a link set eth0 up; ip -n a link set lo up; ip -n a route add default via fd00:1::1
ip -n b addr add fd00:2::2/64 dev eth0 nodad; ip -n b link set eth0 up; ip -n b link set lo up
sleep 3
ip netns exec a ping -c 1 -W 1 fd00:2::2
ip6tables -t nat -A POSTROUTING -o rb -j MASQUERADE
ip netns exec a ping -c 2 -i 0.2 fd00:2::2
ip6tables -t nat -L POSTROUTING -n -v
ip6tables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; ip6tables -A FORWARD -i ra -j ACCEPT; ip6tables -P FORWARD DROP
ip netns exec a ping -c 1 fd00:2::2
ip6tables -L FORWARD -n -v
ip -n b route add default via fd00:2::1
ip netns exec b ping -c 1 -W 1 fd00:1::2
ip6tables -I FORWARD 1 -i rb -p icmpv6 --icmpv6-type echo-request -j REJECT
ip netns exec b ping -c 1 -W 1 fd00:1::2
for t in icmp6-no-route icmp6-adm-prohibited icmp6-addr-unreachable icmp6-policy-fail icmp6-reject-route; do ip6tables -R FORWARD 1 -i rb -p icmpv6 --icmpv6-type echo-request -j REJECT --reject-with $t; ip netns exec b ping -c 1 -W 1 fd00:1::2 | sed -n 2p; sleep 2; done
ip netns exec a ping -c 1 -t 1 fd00:2::2
ip netns exec a traceroute -6 -n -q 1 -w 1 -N 1 fd00:2::2
ip6tables -A INPUT -p icmpv6 -j DROP
ip netns exec a ping -c 1 -W 1 fd00:1::1
ip6tables -F; ip6tables -P FORWARD ACCEPT; ip6tables -t nat -F
ip6tables -t nat -A PREROUTING -d fd00:1::1 -p icmpv6 -j DNAT --to-destination fd00:2::2
ip netns exec a ping -c 1 -W 1 fd00:1::1
ip6tables -t nat -L PREROUTING -n -v
iptables-save | grep -v '^#'; ip6tables-save | grep -v '^#'
ip6tables -A OUTPUT -d fd00:1::2 -j REJECT
ping -c 1 fd00:1::2
ip6tables -R OUTPUT 1 -d fd00:1::2 -j DROP
ping -c 1 -W 1 fd00:1::2
