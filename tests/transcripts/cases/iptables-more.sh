sysctl -qw net.ipv4.ip_forward=1
ip netns add a; ip netns add b
ip link add ra address 02:00:00:00:01:01 type veth peer name eth0 netns a address 02:00:00:00:01:02
ip link add rb address 02:00:00:00:02:01 type veth peer name eth0 netns b address 02:00:00:00:02:02
ip addr add 10.0.1.1/24 dev ra; ip addr add 10.0.2.1/24 dev rb; ip link set ra up; ip link set rb up
ip -n a addr add 10.0.1.2/24 dev eth0; ip -n a link set eth0 up; ip -n a link set lo up; ip -n a route add default via 10.0.1.1
ip -n b addr add 10.0.2.2/24 dev eth0; ip -n b link set eth0 up; ip -n b link set lo up; ip -n b route add default via 10.0.2.1
ip link set lo up; sleep 3
iptables -A FORWARD -m limit --limit 1/s --limit-burst 2 -j ACCEPT; iptables -A FORWARD -j DROP
ip netns exec a ping -c 5 -i 0.2 -W 1 10.0.2.2
iptables -L FORWARD -n -v
iptables -F; iptables -t mangle -A PREROUTING -i ra -j MARK --set-mark 7; ip rule add fwmark 7 table 100; ip route add blackhole 10.0.2.2 table 100
ip netns exec a ping -c 1 -W 1 10.0.2.2
ip route replace unreachable 10.0.2.2 table 100
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -t mangle -F; iptables -t mangle -A OUTPUT -d 10.0.2.2 -j MARK --set-mark 7
ping -c 1 -W 1 10.0.2.2
ip route replace 10.0.2.2 dev ra table 100
ping -c 1 -W 4 10.0.2.2
ip route flush table 100; ip rule del fwmark 7; iptables -t mangle -F
iptables -t mangle -A PREROUTING -i ra -j TTL --ttl-set 1
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -t mangle -R PREROUTING 1 -i ra -j TTL --ttl-set 10
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -t mangle -F
iptables -t nat -A PREROUTING -i ra -d 10.0.1.1 -p icmp -j REDIRECT
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -t nat -A OUTPUT -d 10.9.9.9 -j REDIRECT
ping -c 1 -W 1 10.9.9.9
ip route add 10.9.9.9 dev ra; ping -c 1 -W 1 10.9.9.9
iptables -t nat -L -n -v
iptables -t nat -F
iptables -t nat -A PREROUTING -d 10.0.1.1 -j DNAT --to 10.0.2.2; iptables -A FORWARD -d 10.0.2.2 -j REJECT
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -R FORWARD 1 -d 10.0.2.2 -j REJECT --reject-with icmp-host-prohibited
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -F; iptables -t nat -F
iptables -t nat -A POSTROUTING -o rb -j MASQUERADE
ip netns exec a ping -c 1 -s 4000 10.0.2.2
ip netns exec a ping -M do -c 1 -s 1472 10.0.2.2
ip link set rb mtu 1400; ip netns exec a ping -M do -c 2 -i 0.3 -s 1472 10.0.2.2
ip link set rb mtu 1500; ip netns exec a ip route flush cache
iptables -A FORWARD -f -j DROP; ip netns exec a ping -c 1 -s 4000 10.0.2.2; iptables -L FORWARD -n -v
iptables -F; iptables -t raw -A PREROUTING -i ra -j CT --notrack; iptables -A FORWARD -m conntrack --ctstate UNTRACKED; iptables -A FORWARD -m conntrack --ctstate INVALID; iptables -A FORWARD -m conntrack --ctstate NEW
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -L FORWARD -n -v
iptables -t raw -F; iptables -F
iptables -A FORWARD -m conntrack --ctstate SNAT; iptables -A FORWARD -m conntrack --ctdir REPLY; iptables -A FORWARD -m conntrack --ctorigsrc 10.0.1.2; iptables -A FORWARD -m conntrack --ctstatus ASSURED; iptables -A FORWARD -m conntrack --ctstatus SEEN_REPLY
ip netns exec a ping -c 2 -i 0.2 10.0.2.2
iptables -L FORWARD -n -v
iptables -F; iptables -t mangle -A PREROUTING -m connmark --mark 0 -j CONNMARK --set-mark 9; iptables -A FORWARD -m connmark --mark 9; iptables -t mangle -A FORWARD -j CONNMARK --restore-mark; iptables -A FORWARD -m mark --mark 9
ip netns exec a ping -c 1 10.0.2.2
iptables -L FORWARD -n -v; iptables -t mangle -L -n -v
iptables -t mangle -F; iptables -F
iptables -A FORWARD -m mac --mac-source 02:00:00:00:01:02; iptables -A FORWARD -m length --length 84; iptables -A FORWARD -m ttl --ttl-eq 63; iptables -A FORWARD -m pkttype --pkt-type unicast; iptables -A FORWARD -m addrtype --src-type UNICAST; iptables -A FORWARD -m iprange --src-range 10.0.1.1-10.0.1.9; iptables -A FORWARD -m statistic --mode nth --every 2 --packet 0; iptables -A FORWARD -p icmp --icmp-type 0; iptables -A FORWARD -m tos --tos 0; iptables -A FORWARD -i r+ -o rb; iptables -A FORWARD ! -i ra; iptables -A FORWARD -s 10.0.0.0/255.0.255.0
ip netns exec a ping -c 3 -i 0.2 10.0.2.2
iptables -L FORWARD -n -v
iptables -N X; iptables -N Y; iptables -F FORWARD; iptables -A FORWARD -j X; iptables -A FORWARD -g Y; iptables -A FORWARD -j DROP; iptables -A X -s 10.0.1.2 -j RETURN; iptables -A X -j ACCEPT; iptables -A Y -d 10.0.2.9 -j DROP
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -L -n -v
iptables -F; iptables -X; iptables -t nat -F
iptables -t nat -A POSTROUTING -o rb -j SNAT --to-source 10.0.2.50-10.0.2.51; ip addr add 10.0.2.50/24 dev rb; ip addr add 10.0.2.51/24 dev rb
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -t nat -F; iptables -t nat -A INPUT -s 10.0.1.2 -j SNAT --to-source 10.0.1.77
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -t nat -L INPUT -n -v
iptables -A INPUT -p tcp --dport 81 -j REJECT --reject-with tcp-reset; iptables -A INPUT -p tcp --dport 82 -j REJECT; iptables -A INPUT -p tcp --dport 83 -j DROP; iptables -A INPUT -p tcp --dport 84 -j REJECT --reject-with icmp-admin-prohibited
for p in 81 82 83 84; do ip netns exec a traceroute -n -q 1 -w 1 -N 1 -m 1 -T -p $p 10.0.1.1; done
iptables -L INPUT -n -v
