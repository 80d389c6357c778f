# inner IPv6, link-local, moved between namespaces with a new name, created up and with a master
for h in h1 h2; do ip netns add $h; ip -n $h link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
for i in 1 2; do ip -n h$i addr add 192.168.0.$i/24 dev u0; ip -n h$i link set u0 up; done
ip -n h1 link add br0 type bridge; ip -n h1 link set br0 up
ip -n h1 link add vx0 address 02:00:00:00:dd:01 mtu 1400 up master br0 type vxlan id 9 local 192.168.0.1 remote 192.168.0.2 dstport 4789
ip -n h1 link show vx0
ip netns add in2
ip -n h2 link add vx0 address 02:00:00:00:dd:02 type vxlan id 9 local 192.168.0.2 remote 192.168.0.1 dstport 4789
ip -n h2 link set vx0 netns in2 name eth1 up
ip -n in2 addr add 10.9.0.2/24 dev eth1; ip -n in2 addr add fd09::2/64 dev eth1 nodad; ip -n h1 addr add 10.9.0.1/24 dev br0; ip -n h1 addr add fd09::1/64 dev br0 nodad
sleep 3
ip -n in2 addr show eth1
ip netns exec h1 ping -c 2 10.9.0.2
ip netns exec h1 ping -c 1 fd09::2
ip netns exec in2 ping -c 1 fe80::ff:fe00:dd01%eth1 | head -1
ip -n in2 link set eth1 mtu 2000
ip netns exec in2 ping -c 1 -s 1450 10.9.0.1
ip netns exec in2 ping -c 1 -M do -s 1400 10.9.0.1
ip netns exec in2 ping -c 1 -M do -s 1500 10.9.0.1
ip netns exec in2 ping -c 1 -M do -s 1500 10.9.0.1
bridge -n in2 fdb show
bridge -n in2 fdb append 00:00:00:00:00:00 dev eth1 dst 192.168.0.77
bridge -n in2 fdb show dev eth1
ip netns exec in2 ping -c 1 10.9.0.1
ip -n in2 neigh show
ip -n h2 neigh show
ip -n in2 route
ip -n in2 -s link show eth1 | head -2
ip -n in2 link show eth1
ip -n in2 -j link show eth1
ip netns exec in2 ethtool -S eth1
ip netns exec in2 ethtool -i eth1 | head -2
ip -n in2 link set eth1 netns h2
ip -n h2 link show eth1
ip netns del in2
ip -n h2 link show eth1
ip -n h2 link del eth1
ip -n h2 link show type vxlan
ip -n h2 link add vxlan%d type vxlan id 3 dstport 4789; ip -n h2 link add vxlan%d type vxlan id 4 dstport 4789
ip -n h2 -br link show type vxlan | cut -d' ' -f1
ip -n h2 link add vxlan5 numtxqueues 4 numrxqueues 2 txqueuelen 0 type vxlan id 5 dstport 4789
ip -n h2 -d link show vxlan5 | grep -o 'numtxqueues.*numrxqueues [0-9]*'
ip -n h2 link add dev vxlan6 alias hello group 5 type vxlan vni 6 port 1 2 dstport 4789
ip -n h2 link show vxlan6
ip -n h2 link add vxlan7 link u0 type vxlan id 7 dstport 4789
ip -n h2 -d link show vxlan7
ip -n h2 link set vxlan7 type vxlan
ip -n h2 link set vxlan7 type vxlan badword
ip -n h2 link add vxlan8 type vxlan id 8 dstport 4789 local 10.0.0.1 remote 10.0.0.2 local 10.0.0.3
ip -n h2 link add vxlan8 type vxlan id 8 id 9 dstport 4789
ip -n h2 link add vxlan8 type vxlan id 8 learning nolearning dstport 4789
ip -n h2 link add vxlan8 type vxlan id 8 dstport 4789 remote any
ip -n h2 -d link show vxlan8
ip -n h2 link set vxlan8 up
ip -n h2 link del vxlan8 type vxlan
ip -n h2 -d -j link show vxlan6 | head -c 600
