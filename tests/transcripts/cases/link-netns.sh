# moving devices between namespaces: what moves with them, what is lost, what is refused
for n in red blue; do ip netns add $n; done
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev va
ip link set va up
ip link set vb up
ip link set va alias moving group 5 mtu 1450
ip route add 10.5.0.0/16 via 10.0.0.2
ip link set va netns red
ip addr show va
ip route
ip -n red addr show va
ip -n red route
ip -n red link set va up
ip -n red link show va
ip link show vb
ip netns list-id
ip -n red netns list-id
ip netns set red 5
ip netns set blue 5
ip netns set blue 6
ip link show vb
ip netns list
ip -n red link set lo netns blue
ip link add br0 type bridge
ip link set br0 netns blue
ip -n blue link show br0 | sed 's/link.ether.*//'
ip link set vb master nosuch
ip link add br1 address 02:00:00:00:00:f1 type bridge
ip link set vb master br1
ip link set vb netns blue
ip -n blue link show vb
bridge link
ip link add vb address 02:00:00:00:00:03 type veth peer name vc address 02:00:00:00:00:04
ip link set vb netns blue
ip link set vb netns blue name vd
ip -n blue -br link show vd
ip -n blue link set vb netns red name va
ip -n blue link set vb netns red name vz up
ip -n red link show vz
ip -n red link show va
ip -n red link set vz netns $$
ip link show vz
ip link set vz netns 999999
ip link set vz netns 1x
ip -n red link set va netns blue
ip -n red link show va
ip netns del red
ip netns del blue
sleep 1
ip -br link | cut -d' ' -f1
