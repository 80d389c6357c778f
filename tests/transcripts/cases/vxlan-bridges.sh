# one bridge with two tunnels, port flags, loops, broadcast
for i in 1 2 3; do ip netns add h$i; ip netns add c$i; ip -n h$i link set lo up; done
ip netns add sw; ip -n sw link add ub type bridge; ip -n sw link set ub up
for i in 1 2 3; do ip link add u$i netns sw type veth peer name u0 netns h$i address 02:00:00:00:aa:0$i; ip -n sw link set u$i master ub up; ip -n h$i addr add 192.168.0.$i/24 dev u0; ip -n h$i link set u0 up; ip -n h$i link add br0 address 02:00:00:00:bb:0$i type bridge; ip -n h$i link set br0 up; ip -n h$i link add v0 address 02:00:00:00:cc:0$i type veth peer name eth0 netns c$i address 02:42:0a:00:00:0$i; ip -n h$i link set v0 master br0 up; ip -n c$i link set eth0 up; ip -n c$i addr add 10.0.0.$i/24 dev eth0; done
ip -n h1 link add t2 address 02:00:00:00:12:01 type vxlan id 12 remote 192.168.0.2 dstport 4789; ip -n h1 link add t3 address 02:00:00:00:13:01 type vxlan id 13 remote 192.168.0.3 dstport 4789
ip -n h2 link add t1 address 02:00:00:00:12:02 type vxlan id 12 remote 192.168.0.1 dstport 4789; ip -n h3 link add t1 address 02:00:00:00:13:03 type vxlan id 13 remote 192.168.0.1 dstport 4789
ip -n h1 link set t2 master br0 up; ip -n h1 link set t3 master br0 up; ip -n h2 link set t1 master br0 up; ip -n h3 link set t1 master br0 up
sleep 3
ip netns exec c2 ping -c 2 10.0.0.3
ip netns exec c1 ping -c 1 10.0.0.2
ip netns exec c1 ping -c 1 10.0.0.3
bridge -n h1 fdb show br br0 | grep 02:42
bridge -n h1 link show
bridge -n h1 -d link show dev t2
bridge -n h1 link set dev t2 isolated on; bridge -n h1 link set dev t3 isolated on
ip -n c2 neigh flush all
ip netns exec c2 ping -c 1 -W 1 10.0.0.3
ip netns exec c2 ping -c 1 -W 1 10.0.0.1
bridge -n h1 link set dev t2 isolated off; bridge -n h1 link set dev t3 isolated off
bridge -n h1 link set dev t2 learning off
ip -n h1 link set t2 type vxlan nolearning
bridge -n h1 fdb flush dev t2 self 
bridge -n h1 fdb show dev t2
ip -n h1 link set t2 nomaster
ip netns exec c2 ping -c 1 -W 1 10.0.0.1
ip -n h1 link show t2
ip -n h1 link set t2 master br0
ip netns exec c2 ping -c 1 -W 1 10.0.0.1
ip -n h1 link set t2 name tunnel2
ip -n h1 link set tunnel2 down; ip -n h1 link set tunnel2 name tunnel2; ip -n h1 -br link show type vxlan
ip netns exec h1 brctl show
ip netns exec h1 brctl showmacs br0 | grep 02:42 | cut -c1-40
ip -n h1 link set t3 mtu 1400; ip -n h1 link show br0 | head -1
ip -n h1 link del br0
ip -n h1 -d link show t3 | head -2
ip -n h1 neigh show
