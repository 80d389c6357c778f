ip netns add h1; ip netns add h2
for i in 1 2; do ip -n h$i link set lo up; done
ip link add u1 netns h1 type veth peer name u2 netns h2
for i in 1 2; do ip -n h$i addr add 192.168.50.$i/24 dev u$i; ip -n h$i link set u$i up; done
for i in 1 2; do ip -n h$i link add br0 type bridge vlan_filtering 1 mcast_snooping 0; ip -n h$i link set br0 up addrgenmode none; ip -n h$i link add vx type vxlan external vnifilter dstport 4789 nolearning local 192.168.50.$i; ip -n h$i link set vx addrgenmode none; ip -n h$i link set vx master br0; ip -n h$i link set vx up; bridge -n h$i link set dev vx vlan_tunnel on learning on; for v in 10 20; do bridge -n h$i vlan add dev vx vid $v; bridge -n h$i vlan add dev vx vid $v tunnel_info id ${v}00; ip netns add c$i$v; ip -n h$i link add p$v type veth peer name eth0 netns c$i$v; ip -n h$i link set p$v addrgenmode none; ip -n h$i link set p$v master br0; ip -n h$i link set p$v up; bridge -n h$i vlan add dev p$v vid $v pvid untagged; bridge -n h$i vlan del dev p$v vid 1; ip -n c$i$v link set eth0 address 02:00:00:0$i:$v:01; ip -n c$i$v link set eth0 addrgenmode none; ip -n c$i$v addr add 10.$v.0.$i/24 dev eth0; ip -n c$i$v link set eth0 up; done; done
bridge -n h1 vni add vni 1000 remote 192.168.50.2 dev vx
bridge -n h1 vni add vni 2000 remote 192.168.50.2 dev vx
bridge -n h2 vni add vni 1000 remote 192.168.50.1 dev vx
bridge -n h1 vni show
bridge -n h2 vni show
bridge -n h1 fdb show dev vx self
ip netns exec c110 ping -c2 -i0.2 -W1 10.10.0.2
ip netns exec c120 ping -c1 -W1 10.20.0.2
sleep 3
bridge -n h1 -s vni show
bridge -n h2 -s vni show
ip -n h2 -s link show vx
bridge -n h2 vni add vni 2000 remote 192.168.50.1 dev vx
ip netns exec c120 ping -c1 -W1 10.20.0.2
bridge -n h2 -s -j vni show
bridge -n h2 vni delete vni 1000 dev vx
ip netns exec c110 ping -c1 -W1 10.10.0.2
bridge -n h1 -s vni show
bridge -n h1 vni delete vni 2000 dev vx
ip netns exec c120 ping -c1 -W1 10.20.0.2
bridge -n h1 vni show
bridge -n h1 -s link show dev vx
