# an underlay with a router and a narrow link
for n in h1 r h2 c1 c2; do ip netns add $n; ip -n $n link set lo up; done
ip link add ua netns h1 address 02:00:00:00:01:01 type veth peer name ua netns r address 02:00:00:00:01:02
ip link add ub netns h2 address 02:00:00:00:02:01 type veth peer name ub netns r address 02:00:00:00:02:02
ip -n h1 addr add 10.1.0.1/24 dev ua; ip -n r addr add 10.1.0.254/24 dev ua; ip -n h2 addr add 10.2.0.1/24 dev ub; ip -n r addr add 10.2.0.254/24 dev ub
for n in h1 r; do ip -n $n link set ua up; done; for n in h2 r; do ip -n $n link set ub up; done
ip -n h1 route add default via 10.1.0.254; ip -n h2 route add default via 10.2.0.254; ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip -n h1 link add vx address 02:00:00:00:dd:01 type vxlan id 5 local 10.1.0.1 remote 10.2.0.1 dstport 4789; ip -n h2 link add vx address 02:00:00:00:dd:02 type vxlan id 5 local 10.2.0.1 remote 10.1.0.1 dstport 4789
for i in 1 2; do ip -n h$i link add br0 address 02:00:00:00:bb:0$i type bridge; ip -n h$i link set br0 up; ip -n h$i link set vx master br0 up; ip -n h$i link add v0 type veth peer name eth0 netns c$i address 02:42:0a:00:00:0$i; ip -n h$i link set v0 master br0 up; ip -n c$i link set eth0 up; ip -n c$i addr add 10.0.0.$i/24 dev eth0; done
sleep 3
ip netns exec c1 ping -c 2 10.0.0.2
ip netns exec c1 traceroute -n -q 1 -I 10.0.0.2
ip netns exec c1 ping -c 1 -W 1 -s 1400 10.0.0.2
ip -n r link set ub mtu 1400; ip -n h2 link set ub mtu 1400
ip netns exec c1 ping -c 2 -W 1 -s 1400 10.0.0.2
ip netns exec c1 ping -c 2 -W 1 -M dont -s 1400 10.0.0.2
ip -n h1 route get 10.2.0.1
ip -n h1 link set vx type vxlan df set
ip netns exec c1 ping -c 1 -W 1 -s 1400 10.0.0.2
ip -n h1 route get 10.2.0.1 | sed 's/expires [0-9]*sec/expires N/'
ip netns exec c1 ping -c 2 -W 1 -s 1400 10.0.0.2
ip -n c1 route get 10.0.0.2 | sed 's/expires [0-9]*sec/expires N/'
ip netns exec c1 ping -c 1 -W 1 -M dont -s 1400 10.0.0.2
ip -n h1 link set vx type vxlan ttl 1
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip -n h1 link set vx type vxlan ttl 2
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip -n h1 route del default
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip -n h1 -s link show vx | tail -1 | awk '{print ($3>0), ($5>0)}'
ip -n h1 route add blackhole 10.2.0.0/24
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
