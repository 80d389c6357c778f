# two hosts, VLANs 10 and 20 over one external device
ip netns add h1; ip netns add h2
for i in 1 2; do ip -n h$i link set lo up; done
ip link add u1 netns h1 type veth peer name u2 netns h2
for i in 1 2; do ip -n h$i addr add 192.168.50.$i/24 dev u$i; ip -n h$i link set u$i up; done
for i in 1 2; do ip -n h$i link add br0 type bridge vlan_filtering 1 mcast_snooping 0; ip -n h$i link set br0 up addrgenmode none; ip -n h$i link add vx type vxlan external dstport 4789 nolearning local 192.168.50.$i; ip -n h$i link set vx addrgenmode none; ip -n h$i link set vx master br0; ip -n h$i link set vx up; bridge -n h$i link set dev vx vlan_tunnel on learning on; for v in 10 20; do bridge -n h$i vlan add dev vx vid $v; bridge -n h$i vlan add dev vx vid $v tunnel_info id ${v}00; ip netns add c$i$v; ip -n h$i link add p$v type veth peer name eth0 netns c$i$v; ip -n h$i link set p$v addrgenmode none; ip -n h$i link set p$v master br0; ip -n h$i link set p$v up; bridge -n h$i vlan add dev p$v vid $v pvid untagged; bridge -n h$i vlan del dev p$v vid 1; ip -n c$i$v link set eth0 address 02:00:00:0$i:$v:01; ip -n c$i$v link set eth0 addrgenmode none; ip -n c$i$v addr add 10.$v.0.$i/24 dev eth0; ip -n c$i$v link set eth0 up; done; done
ip netns exec c110 ping -c1 -W1 10.10.0.2
# no flood entries yet
bridge -n h1 fdb show dev vx | grep -v permanent
bridge -n h1 fdb add 00:00:00:00:00:00 dev vx src_vni 1000 dst 192.168.50.2
bridge -n h2 fdb add 00:00:00:00:00:00 dev vx src_vni 1000 dst 192.168.50.1
bridge -n h1 fdb show dev vx self
sleep 3
ip netns exec c110 ping -c2 -i0.2 -W1 10.10.0.2
ip netns exec c120 ping -c1 -W1 10.20.0.2
sleep 3
bridge -n h1 fdb append 00:00:00:00:00:00 dev vx src_vni 2000 dst 192.168.50.2
bridge -n h2 fdb append 00:00:00:00:00:00 dev vx src_vni 2000 dst 192.168.50.1
ip netns exec c120 ping -c1 -W1 10.20.0.2
bridge -n h1 fdb show dev vx | sort
bridge -n h1 fdb show br br0 | grep -v permanent | sort
bridge -n h1 vlan tunnelshow
# on the wire
ip netns exec h2 tcpdump -l -nn -e -i u2 -c 4 udp port 4789 2>/dev/null > /tmp/vt.txt & sleep 1
ip netns exec c120 ping -c1 -W1 10.20.0.2 >/dev/null; ip netns exec c110 ping -c1 -W1 10.10.0.2 > /dev/null; sleep 1; wait
grep -o 'vni [0-9]*' /tmp/vt.txt
grep -c '802.1Q' /tmp/vt.txt
# between the VLANs nothing goes
ip -n c110 addr add 10.20.0.9/24 dev eth0
ip netns exec c110 ping -c1 -W1 10.20.0.2
# a mapping that differs: the frames come out in another VLAN
bridge -n h2 vlan del dev vx vid 20 tunnel_info id 2000
ip netns exec c120 ping -c1 -W1 10.20.0.2
bridge -n h2 vlan add dev vx vid 20 tunnel_info id 2000
ip netns exec c120 ping -c1 -W1 10.20.0.2
# a static station
bridge -n h1 fdb add 02:00:00:02:20:01 dev vx src_vni 2000 dst 192.168.50.2
bridge -n h1 fdb add 02:00:00:02:20:01 dev vx src_vni 1000 vni 1001 port 4790 dst 192.168.50.2
bridge -n h1 fdb show dev vx self | sort
bridge -n h1 -j fdb show dev vx self | jq -Mc '.[] | select(.mac=="02:00:00:02:20:01")' | sort
bridge -n h1 fdb get 02:00:00:02:20:01 dev vx vni 2000 self
bridge -n h1 fdb get 02:00:00:02:20:01 dev vx self
bridge -n h1 fdb del 02:00:00:02:20:01 dev vx src_vni 2000 dst 192.168.50.2
bridge -n h1 fdb del 02:00:00:02:20:01 dev vx
bridge -n h1 fdb show dev vx self | sort
# without vlan_tunnel nothing has a VNI
bridge -n h1 link set dev vx vlan_tunnel off
ip netns exec c110 ping -c1 -W1 10.10.0.2
bridge -n h1 link set dev vx vlan_tunnel on
ip netns exec c110 ping -c1 -W1 10.10.0.2
bridge -n h1 vlan tunnelshow
bridge -n h1 vlan add dev vx vid 10 tunnel_info id 1000
ip netns exec c110 ping -c1 -W1 10.10.0.2
# a device by itself sends nothing without metadata
ip -n h1 addr add 10.99.0.1/24 dev vx
ip netns exec h1 ping -c1 -W1 10.99.0.2
