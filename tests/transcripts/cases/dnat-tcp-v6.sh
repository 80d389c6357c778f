# TCP through DNAT of IPv6 and IPv4, source kept and not, to a port that nobody has
for n in c r s; do ip netns add $n; ip -n $n link set lo up; done
ip link add c0 netns c type veth peer name rc netns r; ip link add s0 netns s type veth peer name rs netns r
for d in "c c0 1 2" "r rc 1 1" "r rs 2 1" "s s0 2 2"; do set -- $d; ip -n $1 link set $2 addrgenmode none; ip -n $1 addr add 10.$3.0.$4/24 dev $2; ip -n $1 addr add fd00:$3::$4/64 dev $2 nodad; ip -n $1 link set $2 up; done
ip -n c route add default via 10.1.0.1; ip -n s route add default via 10.2.0.1; ip -n c -6 route add default via fd00:1::1; ip -n s -6 route add default via fd00:2::1
ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
sleep 2
ip netns exec r ip6tables -t nat -A PREROUTING -i rc -p tcp --dport 8080 -j DNAT --to-destination [fd00:2::2]:80
ip netns exec r iptables -t nat -A PREROUTING -i rc -p tcp --dport 8080 -j DNAT --to-destination 10.2.0.2:80
ip netns exec r iptables -t nat -A PREROUTING -i rc -p udp --dport 5300 -j DNAT --to-destination 10.2.0.2:53
ip netns exec r ip6tables -t nat -S; ip netns exec r ip6tables -t nat -L PREROUTING -n -v
ip netns exec s sh -c 'echo v4 | timeout 4 nc -l -p 80 -q 1' & sleep 0.5; ip netns exec c nc -n -q 1 10.1.0.1 8080 < /dev/null; wait
ip netns exec c nc -n -v -w 2 10.1.0.1 8080 < /dev/null
ip netns exec c nc -n -v -w 2 10.1.0.1 8081 < /dev/null
ip netns exec c ping -c 1 fd00:2::2
ip netns exec r ip6tables -A FORWARD -p ipv6-icmp --icmpv6-type echo-request -j REJECT --reject-with icmp6-adm-prohibited
ip netns exec c ping -c 1 -W 1 fd00:2::2
ip netns exec r ip6tables -L FORWARD -n -v
ip netns exec r iptables -t nat -L PREROUTING -n -v
ip netns exec r iptables -A FORWARD -p tcp -d 10.2.0.2 --dport 80 -m conntrack --ctstate DNAT -j ACCEPT
ip netns exec r iptables -A FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset
ip netns exec c nc -n -v -w 2 10.2.0.2 80 < /dev/null
ip netns exec r iptables -L FORWARD -n -v --line-numbers
ip netns exec s timeout 3 tcpdump -l -nn -i s0 -c 1 'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null > /tmp/syn & sleep 0.5; ip netns exec c nc -n -w 1 10.1.0.1 8080 < /dev/null; wait; grep -o '10.1.0.2.[0-9]* > 10.2.0.2.80' /tmp/syn | sed 's/2\.[0-9]* >/2.P >/'
ip netns exec r iptables -t nat -A POSTROUTING -o rs -j MASQUERADE
ip netns exec s timeout 3 tcpdump -l -nn -i s0 -c 1 'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null > /tmp/syn & sleep 0.5; ip netns exec c nc -n -w 1 10.1.0.1 8080 < /dev/null; wait; grep -o '10.2.0.1.[0-9]* > 10.2.0.2.80' /tmp/syn | sed 's/1\.[0-9]* >/1.P >/'
