# ip neigh: every state set by hand, shown, changed, refused
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
for d in va vc; do ip link set $d up; done
ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va
ip addr add fd00::1/64 dev va nodad
ip -n peer addr add 10.0.0.2/24 dev vb
sleep 3
ip neigh add 10.0.0.11 lladdr 02:00:00:00:00:11 dev va
ip neigh add 10.0.0.12 lladdr 02:00:00:00:00:12 dev va nud permanent
ip neigh add 10.0.0.13 lladdr 02:00:00:00:00:13 dev va nud noarp
ip neigh add 10.0.0.14 lladdr 02:00:00:00:00:14 dev va nud reachable
ip neigh add 10.0.0.15 lladdr 02:00:00:00:00:15 dev va nud stale
ip neigh add 10.0.0.16 lladdr 02:00:00:00:00:16 dev va nud failed
ip neigh add 10.0.0.18 dev va
ip neigh add 10.0.0.19 dev va nud permanent
ip neigh add 10.0.0.20 lladdr 02:00:00:00:00:20 dev va nud none
ip neigh add 10.0.0.21 lladdr 02:00:00:00:00:21 dev va router
ip neigh add 10.0.0.22 lladdr 02:00:00:00:00:22 dev va extern_learn
ip neigh add 10.0.0.23 lladdr 02:00:00:00:00:23 dev va use
ip neigh add 10.55.0.1 lladdr 02:00:00:00:00:55 dev va
ip neigh add fd00::11 lladdr 02:00:00:00:00:11 dev va
ip neigh add fd00::12 lladdr 02:00:00:00:00:12 dev va nud stale router
ip neigh add proxy 10.0.0.99 dev va
ip neigh add proxy fd00::99 dev va
ip neigh add 10.0.0.31 lladdr 02:00:00:00:00:31 dev vc
ip neigh
ip -4 neigh
ip -6 neigh
ip n | sort
ip neigh show dev va nud permanent
ip neigh show nud noarp
ip neigh show nud stale
ip neigh show nud reachable
ip neigh show nud failed
ip neigh show nud all
ip neigh show dev vc
ip neigh show 10.0.0.11
ip neigh show to 10.0.0.16/30
ip neigh show proxy
ip -6 neigh show proxy
ip -s neigh show 10.0.0.12
ip -j neigh show dev vc
ip -j -p neigh show 10.0.0.21
ip neigh get 10.0.0.11 dev va
ip neigh get 10.0.0.77 dev va
ip neigh get 10.0.0.11
ip neigh get fd00::12 dev va
ip neigh get proxy 10.0.0.99 dev va
ip neigh change 10.0.0.11 lladdr 02:00:00:00:00:aa dev va
ip neigh change 10.0.0.77 lladdr 02:00:00:00:00:aa dev va
ip neigh replace 10.0.0.77 lladdr 02:00:00:00:00:77 dev va nud stale
ip neigh change 10.0.0.12 dev va nud stale
ip neigh change 10.0.0.15 dev va nud permanent
ip neigh replace 10.0.0.14 lladdr 02:00:00:00:00:41 nud reachable dev va
ip neigh show dev va
ip neigh del 10.0.0.12 dev va
ip neigh del 10.0.0.88 dev va
ip neigh del 10.0.0.11
ip neigh del proxy 10.0.0.99 dev va
ip neigh del proxy 10.0.0.99 dev va
ip neigh show dev va
