# Recorded on Linux 6.1 (Debian's user-mode kernel): macvlan devices, their modes and what reaches what.
ip netns add red
ip netns add blue
for n in red blue; do ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; done
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add a0 address 02:00:00:00:0a:01 type veth peer name b0 address 02:00:00:00:0b:01
ip link add link a0 name m1 address 02:00:00:00:0a:11 type macvlan mode bridge
ip link show m1
ip -d link show m1 | sed 's/ numtxqueues.*//'
ip -d -j link show m1 | sed 's/,.num_tx_queues.*//'
ip -d link show a0 | sed 's/ numtxqueues.*//'
ip link add link a0 name m2 address 02:00:00:00:0a:12 type macvlan
ip -d link show m2 | grep macvlan | sed 's/ numtxqueues.*//'
ip link add link a0 name m3 address 02:00:00:00:0a:13 type macvlan mode private nopromisc
ip link add link a0 name m3 address 02:00:00:00:0a:13 type macvlan mode private
ip -d link show m3 | grep macvlan | sed 's/ numtxqueues.*//'
ip link add link a0 name m4 type macvlan mode passthru
ip link add link a0 name m5 address 02:00:00:00:0a:15 type macvlan mode source
ip -d link show m5 | grep macvlan | sed 's/ numtxqueues.*//'
ip link del m5
ip link add link a0 name m6 type macvlan mode nonsense
ip link add link a0 name m6 type macvlan nonsense
ip link add link lo name m6 type macvlan
ip link add name m6 type macvlan
ip link add link a0 name m6 mtu 1501 type macvlan
ip link add link a0 name m1 type macvlan
ip link add link a0 name m6 address 02:00:00:00:0a:11 type macvlan mode bridge
ip link set m6 up
ip link set a0 up
sleep 0.2
ip link set m1 up
ip link set m6 up
ip link set m6 up
ip -br link
ip link del m6
ip link set b0 up
sleep 0.2
ip link show
bridge fdb show dev a0
ip link set m1 type macvlan mode vepa
ip -d link show m1 | grep macvlan | sed 's/ numtxqueues.*//'
ip link set m1 type macvlan mode passthru
ip link set m1 type macvlan mode bridge
ip link set m1 type macvlan bcqueuelen 77
ip -d link show m1 | grep macvlan | sed 's/ numtxqueues.*//'
ip -d link show m2 | grep macvlan | sed 's/ numtxqueues.*//'
ip link add link a0 name i1 type ipvlan
ip link set a0 mtu 1400
ip -br link show m1
ip link show m1
ip link set m1 mtu 1450
ip link set m1 mtu 1300
ip link set a0 mtu 1500
ip link show m1
ip link set m1 address 02:00:00:00:0a:21
ip link set m1 address 02:00:00:00:0a:12
ip link set m2 up
ip link set m1 address 02:00:00:00:0a:12
ip link set a0 down
sleep 0.2
ip link show
ip link set a0 up
sleep 0.2
ip link show
ip link set m2 type macvlan mode bridge
ip link set m1 address 02:00:00:00:0a:11
ip link set m1 netns red
ip link set m2 netns blue
ip -n red link show
ip -n red -d link show m1 | sed 's/ numtxqueues.*//'
ip -n red link set m1 up
ip -n blue link set m2 up
ip addr add 10.0.0.1/24 dev a0
ip netns add far
ip link set b0 netns far
ip -n far link set b0 up
ip -n far addr add 10.0.0.9/24 dev b0
ip -n red addr add 10.0.0.11/24 dev m1
ip -n blue addr add 10.0.0.12/24 dev m2
sleep 0.3
P='ping -c 1 -W 1'
cut() { sed 's/time=.*/time/; s/time .*//; s/rtt.*//'; }
ip netns exec red $P 10.0.0.12 | cut
ip netns exec red $P 10.0.0.1 | cut
$P 10.0.0.11 | cut
ip netns exec red $P 10.0.0.9 | cut
ip netns exec far $P 10.0.0.11 | cut
ip netns exec far $P 10.0.0.1 | cut
$P 10.0.0.9 | cut
sleep 4
ip -n red neigh
ip -n blue link set m2 type macvlan mode vepa
ip -n red neigh flush all
ip -n blue neigh flush all
ip netns exec red $P 10.0.0.12 | cut
ip -n far link set b0 down
sleep 0.2
ip -n red link show m1 | grep -o '<[^>]*>'
ip -n far link set b0 up
ip netns del red
ip link del a0
ip -n blue link
ip link add a0 address 02:00:00:00:0a:01 type veth peer name b0 address 02:00:00:00:0b:01
ip link add link a0 name p1 type macvlan mode passthru
ip link show p1
ip -d link show a0 | sed 's/ numtxqueues.*//'
ip -d link show p1 | grep macvlan | sed 's/ numtxqueues.*//'
ip link add link a0 name p2 type macvlan mode bridge
ip link set p1 address 02:00:00:00:0a:77
ip link set a0 up
ip link set p1 up
sleep 1.2
ip link show
ip -d link show a0 | grep -o 'promisc.*allmulti [0-9]*'
ip link add link p1 name q1 type macvlan mode bridge
ip link show q1
ip link del a0
ip -br link
ip link add br0 type bridge
ip link add a0 address 02:00:00:00:0a:01 type veth peer name b0 address 02:00:00:00:0b:01
ip link set a0 master br0
ip link add link a0 name p1 type macvlan mode bridge
ip link set a0 nomaster
ip link add link a0 name p1 address 02:00:00:00:0a:44 type macvlan mode bridge
ip link set a0 master br0
ip link set p1 master br0
ip link add link br0 name pb address 02:00:00:00:0a:55 type macvlan mode bridge
ip -br link
ip link help macvlan
