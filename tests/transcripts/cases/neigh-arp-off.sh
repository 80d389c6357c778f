# Neighbours when a device resolves no more: one that is down keeps them.
ip link add va type veth peer name vb
ip addr add 10.0.0.1/24 dev va
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev va nud permanent
ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev va nud reachable
ip neigh add 10.0.0.4 lladdr 02:00:00:00:00:04 dev va nud noarp
ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev va nud permanent
ip neigh add fd00::3 lladdr 02:00:00:00:00:03 dev va nud reachable
ip neigh add fd00::4 lladdr 02:00:00:00:00:04 dev va nud noarp
ip link set va arp off
ip -4 neigh show dev va nud permanent
ip -4 neigh show dev va nud reachable
ip -4 neigh show dev va nud noarp
ip -6 neigh show dev va nud permanent
ip -6 neigh show dev va nud reachable
ip -6 neigh show dev va nud noarp
ip link set va arp on
ip -4 neigh show dev va nud permanent
ip -6 neigh show dev va nud permanent
ip link set va arp off
ip link set vb up
ip link set va up
ip neigh show dev va
ping -c 1 -W 1 10.0.0.9
ip neigh show dev va nud noarp to 10.0.0.9
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev va nud permanent
ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev va nud permanent
ip link set va arp on
ip neigh show dev va
