# an underlay of IPv6, by unicast and by a group
for h in h1 h2; do ip netns add $h; ip -n $h link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
i=0; for h in h1 h2; do i=$((i+1)); ip -n $h addr add fd01::$i/64 dev u0 nodad; ip -n $h link set u0 up; ip -n $h link add vx address 02:00:00:00:dd:0$i type vxlan id 66 dstport 4789 local fd01::$i remote fd01::$((3-i)) dev u0; ip -n $h link set vx up; ip -n $h addr add 10.6.0.$i/24 dev vx; ip -n $h addr add fd06::$i/64 dev vx nodad; done
sleep 3
ip -n h1 link show vx
ip -n h1 -d link show vx | tail -1
ip netns exec h1 ping -c 1 10.6.0.2
ip netns exec h1 ping -c 1 fd06::2
bridge -n h1 fdb show dev vx
ip netns exec h1 ping -c 1 -M do -s 1402 10.6.0.2
ip netns exec h1 ping -c 1 -M do -s 1403 10.6.0.2
ip -n h1 link set vx mtu 1431
ip -n h1 link set vx mtu 1430
ip -n h1 link add vg type vxlan id 67 dstport 4789 group ff05::42 dev u0; ip -n h2 link add vg type vxlan id 67 dstport 4789 group ff05::42 dev u0
for i in 1 2; do ip -n h$i link set vg address 02:00:00:00:ee:0$i up; ip -n h$i addr add 10.7.0.$i/24 dev vg; done
sleep 3
ip -n h1 -6 maddr show dev u0
ip netns exec h1 ping -c 1 10.7.0.2
bridge -n h1 fdb show dev vg | grep -v '^00:00' | sed 's/dst fe80[^ ]*/dst LL/'
ip -n h1 -d link show vg | tail -1
ip -n h1 link del vg
ip -n h1 -6 maddr show dev u0
ip -n h1 link del vx; ip -n h1 link add vx address 02:00:00:00:dd:01 type vxlan id 66 dstport 4789 remote fd01::2 udp6zerocsumtx; ip -n h1 link set vx up; ip -n h1 addr add 10.6.0.1/24 dev vx
ip -n h1 link show vx | head -1
ip netns exec h1 ping -c 1 -W 1 10.6.0.2
ip -n h2 link set vx type vxlan udp6zerocsumrx
ip -n h2 link add vz type vxlan id 68 dstport 4788 udp6zerocsumrx remote fd01::1
ip -n h1 link add vz type vxlan id 68 dstport 4788 udp6zerocsumtx remote fd01::2
ip -n h1 link set vz up; ip -n h2 link set vz up; ip -n h1 addr add 10.8.0.1/24 dev vz; ip -n h2 addr add 10.8.0.2/24 dev vz
ip netns exec h1 ping -c 1 -W 1 10.8.0.2
ip netns exec h1 ping -c 2 -s 1472 10.6.0.2
ip netns exec h1 ping -c 1 -s 3000 10.8.0.2
