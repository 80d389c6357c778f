# VXLAN inside VXLAN, and one over a bridge
for i in 1 2; do ip netns add h$i; ip -n h$i link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
for i in 1 2; do ip -n h$i link add br0 address 02:00:00:00:bb:0$i type bridge; ip -n h$i link set u0 master br0 up; ip -n h$i link set br0 up; ip -n h$i addr add 192.168.0.$i/24 dev br0; done
for i in 1 2; do ip -n h$i link add vx0 address 02:00:00:00:d0:0$i type vxlan id 1 dstport 4789 dev br0 remote 192.168.0.$((3-i)); ip -n h$i addr add 10.1.0.$i/24 dev vx0; ip -n h$i link set vx0 up; ip -n h$i link add vx1 address 02:00:00:00:d1:0$i type vxlan id 2 dstport 8472 dev vx0 remote 10.1.0.$((3-i)); ip -n h$i addr add 10.2.0.$i/24 dev vx1; ip -n h$i link set vx1 up; done
sleep 3
ip -n h1 -br link
ip -n h1 link show type vxlan
ip netns exec h1 ping -c 1 10.2.0.2
ip netns exec h1 tcpdump -l -n -e -c 2 -i u0 udp port 4789 > cap 2>&1 & sleep 0.5
ip netns exec h1 ping -c 1 10.2.0.2; sleep 0.5; sed -E 's/(192.168.0.[12]|10.1.0.[12])\.[0-9]+ >/\1.port >/' cap | grep -v listening
ip netns exec h1 ping -c 1 -M do -s 1372 10.2.0.2
ip netns exec h1 ping -c 1 -M do -s 1373 10.2.0.2
ip -n h1 route; ip -n h1 neigh
bridge -n h1 fdb show br br0 | grep -v 33:33
bridge -n h2 fdb show dev vx1
ip netns exec h1 traceroute -n -q 1 10.2.0.2
ip -n h1 link set vx0 down; ip netns exec h1 ping -c 1 -W 1 10.2.0.2
ip -n h1 link show vx1 | head -1
ip -n h1 link del br0; ip -n h1 link
ip -n h1 link add vx2 type vxlan id 3 dev u0 remote 192.168.0.2 dstport 4789; ip -n h1 link add vx3 type vxlan id 4 dev vx2 remote 192.168.0.2 dstport 4789; ip -n h1 link set u0 mtu 1200; ip -n h1 link show vx2; ip -n h1 link show vx3
ip netns exec h1 ethtool -i vx2; ip netns exec h1 ethtool vx2; ip netns exec h1 ss -uan | head -3
