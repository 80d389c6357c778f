# proxy, l2miss, l3miss and rsc: a swarm's vxlan answers ARP from its neighbours, and drops what it does not know
for h in h1 h2; do ip netns add $h; ip -n $h link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
i=0; for h in h1 h2; do i=$((i+1)); ip -n $h addr add 192.168.0.$i/24 dev u0; ip -n $h link set u0 up; ip netns add c$h; ip -n $h link add br0 address 02:00:00:00:bb:0$i type bridge; ip -n $h link set br0 up; ip -n $h link add veth0 address 02:00:00:00:cc:0$i mtu 1450 type veth peer name eth0 netns c$h address 02:42:0a:00:00:0$i mtu 1450; ip -n $h link set veth0 master br0 up; ip -n c$h link set eth0 up; ip -n c$h addr add 10.0.0.$i/24 dev eth0; ip -n $h link add vx address 02:00:00:00:dd:0$i type vxlan id 9 dstport 4789 local 192.168.0.$i nolearning proxy l2miss l3miss rsc; ip -n $h link set vx mtu 1450 master br0 up; done
sleep 3
ip netns exec ch1 ping -c 1 -W 1 10.0.0.2
ip -n h1 neigh add 10.0.0.2 lladdr 02:42:0a:00:00:02 dev vx
ip netns exec ch1 ping -c 1 -W 1 10.0.0.2
ip -n ch1 neigh show
bridge -n h1 fdb add 02:42:0a:00:00:02 dev vx dst 192.168.0.2
ip -n h2 neigh add 10.0.0.1 lladdr 02:42:0a:00:00:01 dev vx
bridge -n h2 fdb add 02:42:0a:00:00:01 dev vx dst 192.168.0.1
ip netns exec ch1 ping -c 1 -W 1 10.0.0.2
ip netns exec ch1 ping -c 1 -W 1 10.0.0.77
ip -n h1 neigh show dev vx
bridge -n h1 fdb show dev vx
ip -n h1 neigh del 10.0.0.2 dev vx
ip -n ch1 neigh flush all
ip netns exec ch1 arping -c 2 -w 2 -I eth0 10.0.0.2
ip -n h1 neigh add 10.0.0.2 lladdr 02:42:0a:00:00:02 dev vx
ip netns exec ch1 arping -c 1 -I eth0 10.0.0.2
ip -n h1 neigh add 10.0.0.50 lladdr 02:42:0a:00:00:50 dev vx
ip netns exec ch1 arping -c 1 -I eth0 10.0.0.50
ip netns exec ch1 ping -c 1 -W 1 10.0.0.50
ip -n ch1 neigh show 10.0.0.50
ip -n h1 neigh replace 10.0.0.50 lladdr 02:42:0a:00:00:51 dev vx nud stale
ip netns exec ch1 arping -c 1 -I eth0 10.0.0.50
ip -n h1 neigh replace 10.0.0.50 lladdr 02:42:0a:00:00:51 dev vx nud failed
ip netns exec ch1 arping -c 1 -w 1 -I eth0 10.0.0.50
for i in 1 2; do j=$((3-i)); ip -n h$i neigh add fd00::$j lladdr 02:42:0a:00:00:0$j dev vx; ip -n ch$i -6 addr add fd00::$i/64 dev eth0 nodad; done
ip netns exec ch1 ping -c 1 fd00::2
ip -n ch1 -6 neigh show fd00::2
ip netns exec ch2 ping -c 1 -W 1 fd00::77
