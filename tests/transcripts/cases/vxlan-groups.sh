# multicast VTEPs on a bridge that snoops, containers behind bridges
ip netns add sw; ip -n sw link add ub type bridge; ip -n sw link set ub up
for i in 1 2 3; do ip netns add h$i; ip netns add c$i; ip -n h$i link set lo up; ip link add u$i netns sw type veth peer name u0 netns h$i address 02:00:00:00:aa:0$i; ip -n sw link set u$i master ub up; ip -n h$i addr add 192.168.0.$i/24 dev u0; ip -n h$i link set u0 up; ip -n h$i link add br0 address 02:00:00:00:bb:0$i type bridge; ip -n h$i link set br0 up; ip -n h$i link add v0 address 02:00:00:00:cc:0$i type veth peer name eth0 netns c$i address 02:42:0a:00:00:0$i; ip -n h$i link set v0 mtu 1450 master br0 up; ip -n c$i link set eth0 mtu 1450 up; ip -n c$i addr add 10.0.0.$i/24 dev eth0; ip -n h$i link add vx address 02:00:00:00:dd:0$i type vxlan id 7 group 239.0.0.7 dev u0 dstport 4789 ttl 5; ip -n h$i link set vx master br0; ip -n h$i link set vx up; done
sleep 3
ip -n h1 link show br0
ip -n h1 -d link show vx | tail -2
bridge -n sw mdb show dev ub | grep 239
ip netns exec c1 ping -c 2 10.0.0.2
ip netns exec c3 ping -c 1 10.0.0.1
for i in 1 2 3; do bridge -n h$i fdb show br br0 | grep -v permanent | grep 02:42; done
ip -n c1 neigh
ip netns exec h2 ip maddr show dev u0
ip netns exec h3 tcpdump -nnv -i u0 -U -w o.pcap 'udp port 4789' >/dev/null 2>&1 & sleep 1
ip -n c1 neigh flush all
ip netns exec c1 ping -c 1 10.0.0.2
sleep 1; kill $!; wait 2>/dev/null
ip -n h2 link set vx down
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip -n h2 link set vx up
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip netns exec c1 ping -c 3 -i 0.2 -b 10.0.0.255 | tail -2
ip netns exec c1 arping -c 2 -I eth0 10.0.0.3 | head -1
ip -n h1 link add vy address 02:00:00:00:ee:01 type vxlan id 8 group 239.0.0.7 dev u0 dstport 4789
ip -n h1 link set vy up
ip netns exec h1 ip maddr show dev u0
ip -n h1 link del vx
ip netns exec h1 ip maddr show dev u0
ip -n h1 link del vy
ip netns exec h1 ip maddr show dev u0
