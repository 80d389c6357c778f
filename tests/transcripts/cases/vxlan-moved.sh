# the vxlan of a swarm network is made in the host and moved: its socket and its way out stay in the host
for h in m1 m2; do ip netns add $h; ip -n $h link set lo up; ip netns add ov$h; done
ip link add eth0 netns m1 address 02:00:00:00:e0:01 type veth peer name eth0 netns m2 address 02:00:00:00:e0:02
i=0; for h in m1 m2; do i=$((i+1)); ip -n $h addr add 192.168.65.$i/24 dev eth0; ip -n $h link set eth0 up; ip -n $h link add vx0 address 02:00:00:00:5a:0$i type vxlan id 4097 dstport 4789 dev eth0; ip -n $h link set vx0 netns ov$h; ip -n ov$h link set vx0 up; ip -n ov$h addr add 10.0.0.$i/24 dev vx0; done
ip -n ovm1 -d link show vx0
ip -n m1 link show type vxlan
sleep 3
bridge -n ovm1 fdb append 00:00:00:00:00:00 dev vx0 dst 192.168.65.2
bridge -n ovm2 fdb append 00:00:00:00:00:00 dev vx0 dst 192.168.65.1
ip netns exec ovm1 ping -c 1 10.0.0.2
bridge -n ovm1 fdb show dev vx0
ip -n m1 link add vx1 type vxlan id 4097 dstport 4789
ip -n ovm1 link add vx1 type vxlan id 4097 dstport 4789
ip -n ovm1 link set vx1 up
ip -n ovm1 link del vx1
ip -n ovm1 link set vx0 down
ip netns exec ovm1 ping -c 1 -W 1 10.0.0.2
ip -n ovm1 link set vx0 up
ip netns exec ovm1 ping -c 1 -W 1 10.0.0.2
ip -n ovm1 link set vx0 netns m1
ip -n m1 link show vx0
ip -n m1 link set vx0 up; ip -n m1 addr add 10.0.0.1/24 dev vx0
ip netns exec m1 ping -c 1 -W 1 10.0.0.2
bridge -n m1 fdb show dev vx0
ip -n m1 link set vx0 netns ovm1
