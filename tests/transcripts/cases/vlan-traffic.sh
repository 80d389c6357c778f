# Recorded on Linux 6.1 (Debian's user-mode kernel): tagged frames between namespaces, counters, unknown VLANs, QinQ.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip netns add red
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns exec red sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add a0 address 02:00:00:00:0a:01 type veth peer name b0 address 02:00:00:00:0b:01 netns red
ip link set a0 up
ip -n red link set b0 up
ip link add link a0 name a0.10 type vlan id 10
ip -n red link add link b0 name b0.10 type vlan id 10
ip addr add 10.0.10.1/24 dev a0.10
ip -n red addr add 10.0.10.2/24 dev b0.10
ip link set a0.10 up
ip -n red link set b0.10 up
sleep 0.3
(timeout 9 ip netns exec red tcpdump -nei b0 -c 4 2>/dev/null & sleep 4; ping -c 1 10.0.10.2 >/dev/null; wait)
ping -c 2 10.0.10.2 | sed 's/time=.*/time/; s/time .*//; s/rtt.*//'
ip neigh show
ip -s link show a0.10
ip -n red -s link show b0.10
ip -s link show a0
(timeout 9 ip netns exec red tcpdump -nei b0.10 -c 2 ip 2>/dev/null & sleep 4; ping -c 1 10.0.10.2 >/dev/null; wait)
ip netns exec red tcpdump -nei b0 -c 1 vlan 10 and ip 2>/dev/null & sleep 4; ping -c 1 10.0.10.2 >/dev/null; wait
ip -n red link set b0.10 down
ping -c 1 -W 1 10.0.10.2 | sed 's/time .*//'
ip -n red link del b0.10
ip neigh flush all
ping -c 1 -W 1 10.0.10.2 | sed 's/time .*//'
sleep 4
ip neigh flush all
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ping -c 1 -W 1 10.0.0.2 | sed 's/time=.*/time/; s/time .*//; s/rtt.*//'
ip -n red link add link b0 name q type vlan protocol 802.1ad id 100
ip -n red link add link q name q.5 type vlan id 5
ip link add link a0 name q type vlan protocol 802.1ad id 100
ip link add link q name q.5 type vlan id 5
ip -n red link set q up
ip -n red link set q.5 up
ip link set q up
ip link set q.5 up
ip addr add 10.5.0.1/24 dev q.5
ip -n red addr add 10.5.0.2/24 dev q.5
(timeout 9 ip netns exec red tcpdump -nei b0 -c 4 2>/dev/null & sleep 4; ping -c 1 10.5.0.2 >/dev/null; wait)
ping -c 1 -s 1472 -M do 10.5.0.2 2>&1 | sed 's/time=.*/time/; s/time .*//; s/rtt.*//'
ip -n red link set b0 mtu 1496
ip -n red -br link
ping -c 1 -W 1 -s 1472 -M do 10.5.0.2 2>&1 | grep -o 'No buffer space\|100% packet loss' | sort
ip -n red link set b0 mtu 1500
