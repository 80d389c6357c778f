# Recorded on Linux 6.1 (Debian's user-mode kernel): 802.1Q devices, their names, states, addresses and ends.
ip link add a0 address 02:00:00:00:0a:01 type veth peer name b0 address 02:00:00:00:0b:01
ip link add link a0 name a0.10 type vlan id 10
ip link show a0.10
ip -d link show a0.10 | sed 's/ numtxqueues.*//'
ip -d -j link show a0.10 | sed 's/,.num_tx_queues.*//'
ip link add link a0 name a0.11 type vlan id 11 protocol 802.1ad reorder_hdr off loose_binding on gvrp on
ip -d link show a0.11 | sed 's/ numtxqueues.*//'
ip link add link a0 type vlan id 12
ip -br link show type vlan
ip link set vlan0 name a0.12
ip link add link a0 name x10 type vlan id 10
ip link add link a0 name a0.10 type vlan id 13
ip link add link a0 name x type vlan
ip link add name x type vlan id 13
ip link add link nosuch name x type vlan id 13
ip link add link a0 name x type vlan id 4095
ip link add link a0 name x type vlan id 4096
ip link add link a0 name x type vlan id 65536
ip link add link a0 name x type vlan id abc
ip link add link a0 name x type vlan id 13 protocol 802.3
ip link add link a0 name x type vlan id 13 reorder_hdr maybe
ip link add link a0 name x type vlan id 13 nonsense
ip link add link lo name x type vlan id 13
ip link add link a0 name x mtu 1501 type vlan id 13
ip link add link a0 name x mtu 1400 address 02:00:00:00:0a:13 type vlan id 13
ip -d link show x | sed 's/ numtxqueues.*//'
ip link del x
ip link add link a0 name zero type vlan id 0
ip link add link a0 name top type vlan id 4094
ip link del zero
ip link del top
ip link set a0.10 up
ip link show a0.10
ip link set a0.11 up
ip link show a0.11
ip link set a0 up
sleep 0.2
ip link show
ip link set b0 up
sleep 0.2
ip link show
ip addr add 10.0.10.1/24 dev a0.10
ip route show
ip link set b0 down
sleep 0.2
ip link show a0.10
ip route show
ip link set b0 up
sleep 0.2
ip link set a0 down
sleep 0.2
ip link show
ip link set a0 up
sleep 0.2
ip link show
ip addr show a0.10 | grep 'inet '
ip link set a0 mtu 1400
ip -br link show
ip link show a0.10
ip link set a0.10 mtu 1401
ip link set a0.10 mtu 1300
ip link set a0 mtu 1500
ip link show a0.10
ip link set a0 address 02:00:00:00:0a:02
ip link show a0.10
ip link set a0.12 down
ip link set a0 address 02:00:00:00:0a:03
ip link show a0.12
ip link show a0.10
ip link set a0.12 up
ip link show a0.12
ip link set a0.10 address 02:00:00:00:0a:10
bridge fdb show dev a0 | grep 02:00
ip -d link show a0 | grep -o 'promiscuity [0-9]*'
ip link set a0.10 promisc on
ip -d link show a0 | grep -o 'promiscuity [0-9]*'
ip link show a0.10
ip link set a0.10 promisc off
ip -d link show a0 | grep -o 'promiscuity [0-9]*'
ip link set a0.10 type vlan reorder_hdr off
ip -d link show a0.10 | grep vlan | sed 's/ numtxqueues.*//'
ip link set a0.10 type vlan id 20
ip -d link show a0.10 | grep vlan | sed 's/ numtxqueues.*//'
ip link set a0.10 type vlan loose_binding on ingress-qos-map 1:2 3:4 egress-qos-map 2:5 0:7
ip -d link show a0.10 | grep -A2 'vlan ' | sed 's/ numtxqueues.*//'
ip -d -j link show a0.10 | sed 's/.*"info_data"//; s/,"inet6.*//'
ip netns add red
ip link set a0.10 netns red
ip -n red link show
ip -n red -d link show a0.10 | sed 's/ numtxqueues.*//'
ip link show a0
ip link set a0 down
sleep 0.2
ip -n red link show a0.10
ip link set a0 up
sleep 0.2
ip -n red link show a0.10
ip -n red link set a0.10 netns 1
ip link show type vlan
ip link del a0.12
ip link del a0
ip -br link
ip link add link b0 name b0.1 type vlan id 1
ip link add a0 type dummy
ip link set a0 up
ip link add link a0 name a0.5 type vlan id 5
ip link add link a0.5 name a0.5.6 type vlan id 6
ip link add link a0.5.6 name deep type vlan id 7 protocol 802.1ad
ip link set a0.5 up
sleep 1.2
ip link show
ip link set deep up
ip link set a0.5.6 up
ip link set deep up
ip -br link
ip link del a0.5
ip -br link
ip link help vlan
ip link add link a0 name a0.9 type vlan help
