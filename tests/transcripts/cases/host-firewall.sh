# a firewall of a host: INPUT that drops, services that are let in, loopback
ip netns add c; ip link add h0 address 02:00:00:00:00:01 type veth peer name c0 netns c address 02:00:00:00:00:02; ip addr add 10.0.0.1/24 dev h0; ip link set h0 up; ip -n c addr add 10.0.0.2/24 dev c0; ip -n c link set c0 up; ip -n c link set lo up; sleep 2
iptables -P INPUT DROP; iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; iptables -A INPUT -m conntrack --ctstate INVALID -j DROP; iptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 1/s --limit-burst 2 -j ACCEPT; iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT; iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset; iptables -A INPUT -p udp -j REJECT
ip netns exec c ping -c 4 -i 0.2 -W 1 10.0.0.1
ping -c 1 10.0.0.2; ping -c 1 127.0.0.1 | grep received
ip netns exec c nc -n -v -z -w 1 10.0.0.1 22 23 24
echo x | ip netns exec c nc -n -u -v -w 1 10.0.0.1 53
iptables -R INPUT 5 -p tcp -m multiport --dports 22,8080:8090 -m conntrack --ctstate NEW -j ACCEPT; iptables -D INPUT -p udp -j REJECT; iptables -I INPUT 3 ! -s 10.0.0.0/24 -j DROP; iptables -S INPUT
ip netns exec c ip addr add 10.9.9.9/32 dev lo; ip route add 10.9.9.9 via 10.0.0.2; ip netns exec c ping -c 1 -W 1 -I 10.9.9.9 10.0.0.1
ip netns exec c traceroute -n -q 1 -w 1 10.0.0.1
iptables -P OUTPUT DROP; ping -c 1 -W 1 10.0.0.2; nc -n -v -w 1 10.0.0.2 80; iptables -A OUTPUT -d 10.0.0.2 -j REJECT --reject-with icmp-host-prohibited; ping -c 1 -W 1 10.0.0.2; ip netns exec c ping -c 1 -W 1 10.0.0.1
iptables -F; iptables -P OUTPUT ACCEPT; iptables -L INPUT -n; ip netns exec c ping -c 1 -W 1 10.0.0.1; iptables -P INPUT ACCEPT; ip netns exec c ping -c 1 -W 1 10.0.0.1; iptables -X; iptables -S
