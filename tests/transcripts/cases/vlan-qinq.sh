# QinQ, maps of priorities, flags of a vlan device
ip netns add a; ip netns add b; ip link add e0 netns a address 02:00:00:00:00:0a type veth peer name e0 netns b address 02:00:00:00:00:0b
for x in a b; do ip -n $x link set lo up; ip -n $x link set e0 up; ip -n $x link add link e0 name s100 type vlan proto 802.1ad id 100; ip -n $x link set s100 up; ip -n $x link add link s100 name c7 type vlan id 7 egress-qos-map 0:3 1:5 ingress-qos-map 2:4; ip -n $x link set c7 up; done
ip -n a addr add 10.7.0.1/24 dev c7; ip -n b addr add 10.7.0.2/24 dev c7; sleep 2
ip -n a -d link show c7 | sed 's/ numrxqueues 1//'
ip -n a -d link show s100 | sed 's/ numrxqueues 1//'
ip -n a -j -d link show c7 | jq -Mc '.[0].linkinfo'
ip netns exec a ping -c 1 10.7.0.2
ip netns exec b tcpdump -l -n -e -c 2 -i e0 icmp or 'vlan and vlan and icmp' > cap 2>&1 & sleep 1; ip netns exec a ping -c 1 10.7.0.2 > /dev/null; ip netns exec a ping -c 1 10.7.0.2 > /dev/null; sleep 1.5; grep -Ev 'listening|received by' cap
ip netns exec a ping -c 1 -M do -s 1472 10.7.0.2
ip netns exec a ping -c 1 -M do -s 1473 10.7.0.2
ip -n a link set c7 type vlan egress-qos-map 0:0 loose_binding on; ip -n a -d link show c7 | sed 's/ numrxqueues 1//' | tail -2
ip -n a link set c7 type vlan reorder_hdr off gvrp on mvrp on; ip -n a -d link show c7 | grep vlan
ip -n a link set c7 type vlan id 8; ip -n a link set c7 type vlan protocol 802.1ad
ip -n a link add link e0 name x type vlan; ip -n a link add link e0 name x type vlan id 4095; ip -n a link add link e0 name x type vlan id 4096; ip -n a link add name x type vlan id 5; ip -n a link add link nosuch name x type vlan id 5; ip -n a link add link e0 name s101 type vlan proto 802.1ad id 100; ip -n a link add link e0 type vlan id 12; ip -n a link add link e0 name e0.13 type vlan id 13 reorder_hdr maybe; ip -n a link add link lo name lo.1 type vlan id 1; ip -n a link add link e0 name x type vlan id 5 proto 802.1x
ip -n a link show type vlan
ip -n a link set e0 down; ip -n a link show; ip -n a link set e0 up; ip -n a link show c7; ip -n a link set s100 mtu 1400; ip -n a link show c7; ip -n a link set c7 mtu 1500; ip -n a link set e0 mtu 1300; ip -n a -br link
ip netns add c; ip -n a link set c7 netns c; ip -n c -d link show c7 | sed 's/ numrxqueues 1//'; ip -n c link set c7 up; ip -n a link del s100; ip -n c link show
