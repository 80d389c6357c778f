# a namespace that is deleted while a process is in it
ip netns add busy
ip link add u0 type veth peer name u1 netns busy
ip addr add 10.0.0.1/24 dev u0
ip link set u0 up
ip -n busy addr add 10.0.0.2/24 dev u1
ip -n busy link set u1 up
ip netns exec busy sleep 30 & P=$!
sleep 1
ip netns pids busy | wc -l
ip netns identify $P
ip netns delete busy
ip netns list
ip netns list-id
ping -c 1 -W 1 10.0.0.2
ip link show u0
ip netns attach again $P
ip netns list
ip netns exec again ip -br addr
ip netns identify $P
kill $P; wait $P 2>/dev/null
ip netns delete again
sleep 1
ip link show u0
ip netns add p1
ip netns add p2
ip netns exec p1 ip link add x0 type veth peer name x1 netns p2
ip -n p1 link show x0
ip netns exec p1 ip netns exec p2 ip link show x1
ip netns exec p1 ip netns list-id
ip -n p2 link set x1 netns p1
ip -n p1 -br link
ip -n p1 -br link
ip -n p1 link set x1 netns nope
nsenter --net=/run/netns/p1 ip -br link
nsenter --net=/run/netns/nope ip link
nsenter --net=/var/run/netns/p2 ip netns identify
ip netns exec p1 hostname
ip netns exec p1 hostname inner
hostname
unshare -n ip link
ip netns exec p2 ip netns delete p2
ip netns list
unshare -n sh -c 'ip link add d0 type veth peer name d1; ip link set d0 up; ip -br link | cut -c1-20'
unshare --net --mount true
unshare -n -Z true
unshare -n nosuchcommand
unshare ip -br link show lo
