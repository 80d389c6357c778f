# ip neigh: wrong input, flush, what a link change does to the table
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up
ip -n peer link set vb up
sleep 0.5
ip addr add 10.0.0.1/24 dev va
ip -n peer addr add 10.0.0.2/24 dev vb
ip neigh add
ip neigh add 10.0.0.5
ip neigh add 10.0.0.5 dev
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev nosuch
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00 dev va
ip neigh add 10.0.0.5 lladdr foo dev va
ip neigh add foo lladdr 02:00:00:00:00:05 dev va
ip neigh add 10.0.0.5/24 lladdr 02:00:00:00:00:05 dev va
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev va nud foo
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev va foo
ip neigh add 224.0.0.5 lladdr 02:00:00:00:00:05 dev va
ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:05 dev va
ip neigh add 10.0.0.255 lladdr 02:00:00:00:00:06 dev va
ip neigh add 10.0.0.6 lladdr 02:00:00:00:00:06 dev lo
ip neigh foo
ip neigh show foo
ip neigh show dev nosuch
ip neigh show nud foo
ip neigh get
ip neigh get foo
ip neigh flush
ip neigh
ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev va nud stale
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev va nud noarp
ping -c 1 10.0.0.2
ip neigh
ip -s neigh flush 10.0.0.7
ip neigh flush nud stale
ip neigh flush nud reachable
ip neigh
ip neigh flush dev va
ip neigh
ip neigh flush dev va nud permanent
ip neigh flush dev va nud noarp
ip neigh
ping -c 1 10.0.0.2
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent
ip -n peer link set vb down
sleep 1
ip neigh
ip -n peer link set vb up
sleep 0.5
ip neigh
ping -c 1 10.0.0.2
ip link set va down
ip neigh
ip link set va up
ip neigh
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent
ping -c 1 10.0.0.2
ip link set va address 02:00:00:00:00:77
ip neigh
ip -n peer neigh
ping -c 1 10.0.0.2
ip -n peer neigh
ip link set va arp off
ip neigh
ping -c 1 -W 1 10.0.0.2
ip neigh
ip link set va arp on
ip neigh
ip -s -s neigh flush all
ip addr del 10.0.0.1/24 dev va
ip neigh
