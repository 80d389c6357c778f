sysctl -qw net.ipv4.ip_forward=1
ip netns add a; ip netns add b
ip link add ra address 02:00:00:00:01:01 type veth peer name eth0 netns a address 02:00:00:00:01:02
ip link add rb address 02:00:00:00:02:01 type veth peer name eth0 netns b address 02:00:00:00:02:02
ip addr add 10.0.1.1/24 dev ra; ip addr add 10.0.2.1/24 dev rb; ip link set ra up; ip link set rb up
ip -n a addr add 10.0.1.2/24 dev eth0; ip -n a link set eth0 up; ip -n a link set lo up; ip -n a route add default via 10.0.1.1
ip -n b addr add 10.0.2.2/24 dev eth0; ip -n b link set eth0 up; ip -n b link set lo up
sleep 3
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -t nat -A POSTROUTING -o rb -j MASQUERADE
ip netns exec a ping -c 2 -i 0.2 10.0.2.2
iptables -t nat -L -n -v
iptables -L -n -v
sysctl net.netfilter.nf_conntrack_count
iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A FORWARD -i ra -o rb -j ACCEPT
iptables -P FORWARD DROP
ip netns exec a ping -c 3 -i 0.2 10.0.2.2
iptables -L FORWARD -n -v
iptables -L FORWARD -v -x --line-numbers
iptables -S -v
iptables -Z
iptables -L FORWARD -n -v
ip netns exec a ping -c 1 -t 1 10.0.2.2
iptables -L FORWARD -n -v
ip -n b route add default via 10.0.2.1
ip netns exec b ping -c 1 -W 1 10.0.1.2
iptables -I FORWARD 1 -i rb -p icmp --icmp-type echo-request -j REJECT
ip netns exec b ping -c 1 -W 1 10.0.1.2
for t in icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited; do iptables -R FORWARD 1 -i rb -j REJECT --reject-with $t; ip netns exec b ping -c 1 -W 1 10.0.1.2 | sed -n 2p; sleep 2; done
iptables -D FORWARD 1
iptables -A INPUT -p icmp -j DROP
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -L INPUT -n -v
iptables -F INPUT; iptables -A OUTPUT -d 10.0.1.2 -j DROP
ping -c 1 -W 1 10.0.1.2
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -R OUTPUT 1 -d 10.0.1.2 -j REJECT
ping -c 1 -W 1 10.0.1.2
iptables -F OUTPUT
iptables -A INPUT -m conntrack --ctstate NEW -j DROP
ping -c 1 -W 1 10.0.1.2
ip netns exec a ping -c 1 -W 1 10.0.1.1
iptables -L INPUT -n -v
iptables-save -c | grep -v '^#'
iptables -F; iptables -P FORWARD ACCEPT; iptables -t nat -F
iptables -t nat -A PREROUTING -d 10.0.1.99 -j DNAT --to-destination 10.0.2.2
ip netns exec a ping -c 1 -W 1 10.0.1.1
ip -n a route add 10.0.1.99 via 10.0.1.1
ip netns exec a ping -c 1 -W 1 10.0.1.99
iptables -t nat -L PREROUTING -n -v
iptables -t nat -A OUTPUT -d 10.9.9.9 -j DNAT --to-destination 10.0.2.2
ip route add 10.9.9.9 dev ra
ping -c 1 -W 1 10.9.9.9
iptables -t nat -A POSTROUTING -s 10.0.1.0/24 -o rb -j SNAT --to-source 10.0.2.77
ip netns exec a ping -c 1 -W 1 10.0.2.2
iptables -t nat -L -n -v
