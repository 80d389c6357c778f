# packet marks steer routing
for n in a r1 r2 z; do ip netns add $n; ip -n $n link set lo up; done
ip link add r1 netns a type veth peer name a0 netns r1; ip link add r2 netns a type veth peer name a0 netns r2; ip link add z0 netns r1 type veth peer name r1 netns z; ip link add z0 netns r2 type veth peer name r2 netns z
for k in 1 2; do ip -n a addr add 10.$k.0.1/24 dev r$k; ip -n a link set r$k up; ip -n r$k addr add 10.$k.0.2/24 dev a0; ip -n r$k link set a0 up; ip -n r$k addr add 10.$k.1.1/24 dev z0; ip -n r$k link set z0 up; ip -n z addr add 10.$k.1.2/24 dev r$k; ip -n z link set r$k up; ip netns exec r$k sysctl -qw net.ipv4.ip_forward=1; ip -n z route add 10.$k.0.0/24 via 10.$k.1.1; done
ip -n z addr add 10.9.9.9/32 dev lo; ip -n a route add default via 10.1.0.2; ip -n r1 route add 10.9.9.9 via 10.1.1.2; ip -n r2 route add 10.9.9.9 via 10.2.1.2
for n in a z; do ip netns exec $n sysctl -qw net.ipv4.conf.all.rp_filter=0; done
ip -n a rule add fwmark 2 table 102 pref 100; ip -n a route add default via 10.2.0.2 table 102
ip netns exec a iptables -t mangle -A OUTPUT -p icmp -m length --length 100:200 -j MARK --set-mark 2
sleep 2
ip netns exec a ping -c 1 -W 1 -R 10.9.9.9
ip netns exec a traceroute -n -q 1 -w 1 -I 10.9.9.9
ip netns exec a ping -c 1 -W 1 -s 100 10.9.9.9
ip netns exec a iptables -t mangle -L OUTPUT -n -v
ip netns exec a iptables -t mangle -A OUTPUT -p udp -j MARK --set-xmark 0x2/0xff
ip netns exec a traceroute -n -q 1 -w 1 10.9.9.9
ip -n a route get 10.9.9.9 mark 2
ip -n a route get 10.9.9.9
ip netns exec r2 iptables -A FORWARD -m mark --mark 2; ip netns exec r2 iptables -A FORWARD -m mark --mark 0
ip netns exec a ping -c 1 -W 1 -s 100 10.9.9.9
ip netns exec r2 iptables -L FORWARD -n -v
ip netns exec a ping -c 1 -W 1 -m 2 10.9.9.9
ip netns exec a iptables -t mangle -S; ip -n a rule
ip netns exec a iptables -t mangle -A OUTPUT -j MARK --or-mark 4; ip netns exec a iptables -t mangle -A OUTPUT -j MARK --and-mark 0xf; ip netns exec a iptables -t mangle -A OUTPUT -j MARK --xor-mark 0x3
ip netns exec a iptables -t mangle -A POSTROUTING -j CONNMARK --save-mark; ip netns exec a iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark; ip netns exec a iptables -t mangle -A INPUT -m connmark --connmark 0x4/0xf -j ACCEPT
ip netns exec a iptables -t mangle -S; ip netns exec a iptables -t mangle -L -n
