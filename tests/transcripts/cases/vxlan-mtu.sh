# inner packets that do not fit: bridges, routed senders, DF, fragments of the outer packet
for h in h1 h2; do ip netns add $h; ip -n $h link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
i=0; for h in h1 h2; do i=$((i+1)); ip -n $h addr add 192.168.0.$i/24 dev u0; ip -n $h link set u0 up; ip -n $h link add vx address 02:00:00:00:dd:0$i type vxlan id 42 dstport 4789 local 192.168.0.$i remote 192.168.0.$((3-i)); ip -n $h link set vx up; ip -n $h addr add 10.0.0.$i/24 dev vx; done
sleep 3
ip -n h1 link show vx | head -1
ip netns exec h1 ping -c 1 -s 1422 10.0.0.2
ip netns exec h1 ping -c 2 -s 1423 10.0.0.2
ip -n h1 route get 10.0.0.2
ip netns exec h1 ping -c 2 -M do -s 1472 10.0.0.2
ip netns exec h1 ping -c 2 -M dont -s 1472 10.0.0.2
ip netns exec h1 ping -c 2 -s 4000 10.0.0.2
ip -n h1 route show cache
ip -n h1 route flush cache
ip -n h1 link set vx type vxlan df set
ip -n h1 link del vx; ip -n h1 link add vx address 02:00:00:00:dd:01 type vxlan id 42 dstport 4789 local 192.168.0.1 remote 192.168.0.2 df set; ip -n h1 link set vx up; ip -n h1 addr add 10.0.0.1/24 dev vx
sleep 3
ip netns exec h1 ping -c 2 -s 1472 10.0.0.2
ip -n h1 route flush cache
ip netns exec h1 ping -c 2 -M dont -s 1472 10.0.0.2
ip -n h1 link del vx; ip -n h1 link add vx address 02:00:00:00:dd:01 type vxlan id 42 dstport 4789 local 192.168.0.1 remote 192.168.0.2 df inherit; ip -n h1 link set vx up; ip -n h1 addr add 10.0.0.1/24 dev vx
sleep 3
ip netns exec h1 ping -c 2 -M dont -s 1472 10.0.0.2
ip netns exec h1 ping -c 2 -s 1472 10.0.0.2
for i in 1 2; do ip netns add c$i; ip -n c$i link set lo up; ip -n h$i link add br0 address 02:00:00:00:bb:0$i type bridge; ip -n h$i link set br0 up; ip -n h$i addr flush dev vx; ip -n h$i link set vx master br0; ip -n h$i link add v0 type veth peer name eth0 netns c$i address 02:42:0a:00:00:0$i; ip -n h$i link set v0 master br0 up; ip -n c$i link set eth0 up; ip -n c$i addr add 10.0.0.1$i/24 dev eth0; done
sleep 3
ip netns exec c1 ping -c 1 10.0.0.12
ip netns exec c1 ping -c 2 -W 1 -s 1472 10.0.0.12
ip -n c1 route get 10.0.0.12
ip netns exec c1 ping -c 2 -W 1 -M dont -s 1472 10.0.0.12
ip netns exec c2 ping -c 2 -W 1 -s 1472 10.0.0.11
ip -n c2 route get 10.0.0.11
ip -n h1 link show br0 | head -1
ip -n c1 -6 addr add fd00::1/64 dev eth0 nodad
ip -n c2 -6 addr add fd00::2/64 dev eth0 nodad
ip netns exec c1 ping -c 1 fd00::2
ip netns exec c1 ping -c 2 -W 1 -s 1452 fd00::2
ip -n c1 -6 route get fd00::2
ip netns exec c1 ping -c 2 -W 1 -s 1452 fd00::2
