# Recorded on Linux 6.1 (Debian's user-mode kernel): ipvlan devices, their modes and what reaches what.
for n in red blue far; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; done
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add a0 address 02:00:00:00:0a:01 type veth peer name b0 address 02:00:00:00:0b:01 netns far
ip -n far link set b0 up
ip -n far addr add 10.0.0.9/24 dev b0
ip link add link a0 name i1 type ipvlan mode l2
ip link show i1
ip -d link show i1 | sed 's/ numtxqueues.*//'
ip -d -j link show i1 | sed 's/,.num_tx_queues.*//'
ip link add link a0 name i2 type ipvlan
ip -d link show i2 | sed 's/ numtxqueues.*//'
ip link add link a0 name i3 type ipvlan mode l3 private
ip -d link show i3 | sed 's/ numtxqueues.*//'
ip -d link show i1 | sed 's/ numtxqueues.*//'
ip link add link a0 name i4 type ipvlan mode l4
ip link add link a0 name i4 type ipvlan nonsense
ip link add link lo name i4 type ipvlan
ip link add name i4 type ipvlan
ip link add link a0 name i1 type ipvlan
ip link add link a0 name i4 address 02:00:00:00:0a:99 type ipvlan
ip link show i4
ip link set i4 address 02:00:00:00:0a:99
ip link del i4
ip link set i1 type ipvlan mode l3s
ip -d link show i1 | grep ipvlan | sed 's/ numtxqueues.*//'
ip link set i1 type ipvlan vepa
ip -d link show i1 | grep ipvlan | sed 's/ numtxqueues.*//'
ip link set i1 type ipvlan mode l2 bridge
ip -d link show i1 | grep ipvlan | sed 's/ numtxqueues.*//'
ip link add link a0 name m1 type macvlan
ip link del i3
ip link set i1 up
ip link set a0 up
sleep 1.3
ip link show
ip link set i1 netns red
ip link set i2 netns blue
ip -n red link show
ip -n red link set i1 up
ip -n blue link set i2 up
ip -n red addr add 10.0.0.11/24 dev i1
ip -n blue addr add 10.0.0.12/24 dev i2
ip -n blue addr add 10.0.0.11/24 dev i2
ip addr add 10.0.0.1/24 dev a0
sleep 0.3
P='ping -c 1 -W 1'
cut() { sed 's/time=.*/time/; s/time .*//; s/rtt.*//'; }
ip netns exec red $P 10.0.0.12 | cut
ip netns exec red $P 10.0.0.1 | cut
ip netns exec red $P 10.0.0.9 | cut
ip netns exec far $P 10.0.0.11 | cut
ip netns exec far $P 10.0.0.12 | cut
ip netns exec far ip neigh
ip -n red neigh show nud reachable
ip -n red link set i1 mtu 1501
ip link set a0 mtu 1400
ip -n red link show i1
ip link set a0 address 02:00:00:00:0a:02
ip -n red link show i1
ip link set a0 down
sleep 0.2
ip link set a0 up
sleep 1.3
ip -n red link show i1
ip -n red link set i1 type ipvlan mode l3
ip -n red link show i1
ip -n blue link show i2
ip -n red -d link show i1 | grep ipvlan | sed 's/ numtxqueues.*//'
ip -n blue -d link show i2 | grep ipvlan | sed 's/ numtxqueues.*//'
ip -n red addr
ip -n red neigh flush all
ip netns exec red $P 10.0.0.12 | cut
ip netns exec red $P 10.0.0.9 | cut
ip -n far neigh flush all
ip netns exec far $P 10.0.0.11 | cut
ip -n far neigh flush all
ip -n red addr flush dev i1
ip -n blue addr flush dev i2
ip -n red addr add 10.0.7.1/24 dev i1
ip -n blue addr add 10.0.8.1/24 dev i2
ip -n red route add default dev i1
ip -n blue route add default dev i2
ip -n far route add 10.0.7.0/24 via 10.0.0.1
ip -n far route add 10.0.8.0/24 via 10.0.0.1
ip netns exec red $P 10.0.8.1 | cut
ip netns exec red $P 10.0.0.9 | cut
ip netns exec far $P 10.0.7.1 | cut
ip netns exec blue $P 10.0.0.1 | cut
ip -n red neigh show nud reachable
ip neigh
ip -n far neigh
(timeout 5 ip netns exec far tcpdump -nei b0 -c 2 icmp 2>/dev/null & sleep 1; ip netns exec red ping -c 1 10.0.0.9 >/dev/null; wait)
ip -n red link set i1 type ipvlan mode l3s
ip netns exec red $P 10.0.8.1 | cut
ip -n red link set i1 type ipvlan mode l2 vepa
ip netns exec red $P 10.0.8.1 | cut
ip -n red link set i1 type ipvlan private
ip netns exec red $P 10.0.8.1 | cut
ip netns del blue
ip -n red -d link show i1 | grep ipvlan | sed 's/ numtxqueues.*//'
ip link del a0
ip -n red link
ip link help ipvlan
