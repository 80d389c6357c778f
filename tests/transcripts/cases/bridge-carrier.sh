# the carrier of a bridge: made with an address or without, with ports that are down, up, gone; and STP
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link set br0 up
ip -br link show br0
sleep 1
ip -br link show br0
sleep 2
ip -br link show br0
ip addr add 10.0.0.1/24 dev br0
ip route
ip addr show br0
ip -br link show br0
ip link set br0 down
ip -br link show br0
ip link set br0 up
ip -br link show br0
sleep 1
ip -br link show br0
ip link add va type veth peer name vb
ip link set va master br0
ip -br link show br0
ip route
ip addr show br0
ip link set br0 down
ip -br link show br0
ip link set br0 up
ip -br link show br0
ip route
ip link set va nomaster
ip -br link show br0
ip link set br0 down
ip link set br0 up
ip -br link show br0
ip link add br1 address 02:00:00:00:00:f1 type bridge
ip link set va master br1
ip -br link show br1
ip link set br1 up
ip -br link show br1
ip addr show br1
ip link set va up
ip -br link show br1
ip link set vb up
ip -br link show br1
ip link add br2 address 02:00:00:00:00:f2 type bridge stp_state 1
ip link set br2 up
ip -br link show br2
brctl stp br1 on
ip -br link show br1
brctl stp br1 off
ip link add br5 type bridge
ip link set br5 up
ip -br link show br5
ip addr add 10.5.0.1/24 dev br5
ip route show dev br5
ip addr show br5
sleep 2.5
ip addr show br5
ip route get 10.5.0.9
ip link set br5 address 02:00:00:00:00:f5
ip link show br5
ip link add br6 type bridge
ip link set br6 up
brctl stp br6 on
ip -br link show br6
ip link add br7 type bridge
ip link set br7 up
ip link set br7 type bridge priority 100
ip -br link show br7
ip link set br7 down
ip link set br7 up
ip -br link show br7
brctl addbr br8
ip link set br8 up
brctl setbridgeprio br8 5
ip -br link show br8
brctl addbr br9
ip link set br9 up
ip link set br9 mtu 1400
ip link set br9 down
ip -br link show br9
ip link set br9 up
ip -br link show br9
