# MTU on the two ends of a pair: what passes, what is dropped, what is refused
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up
ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va
ip -n peer addr add 10.0.0.2/24 dev vb
sysctl -q -w net.ipv6.conf.va.disable_ipv6=1
ip netns exec peer sysctl -q -w net.ipv6.conf.vb.disable_ipv6=1
sleep 1
ping -c 1 10.0.0.2
ip link set va mtu 9000
ping -c 1 -W 1 -s 1472 -M do 10.0.0.2
ping -c 1 -W 1 -s 1476 -M do 10.0.0.2
ip -n peer -s link show vb | tail -4 | head -2 | tr -s ' '
ip -n peer link set vb mtu 9000
ping -c 1 -W 1 -s 8000 -M do 10.0.0.2
ping -c 1 -W 1 -s 8972 -M do 10.0.0.2
ping -c 1 -W 1 -s 8973 -M do 10.0.0.2
ip netns exec peer ping -c 1 -s 8972 10.0.0.1
ip link set va mtu 68
ping -c 1 -s 40 10.0.0.2
ping -c 1 -s 41 10.0.0.2
ping -c 1 -s 200 -M dont 10.0.0.2
ip link set va mtu 65535
ip -n peer link set vb mtu 65535
ping -c 1 -s 65507 -M do 10.0.0.2
ping -c 1 -s 65508 10.0.0.2
ip link set va mtu 0
ip link set va mtu 65536
ip link set lo mtu 100
ip link show lo
ip link set lo mtu 70000
ip link show lo
ip link add br0 type bridge
ip link set br0 mtu 65536
ip link set br0 mtu 68
ip link set br0 mtu 67
ip link add name vx mtu 1400 type veth peer name vy mtu 1300
ip -br link show vx
ip link show vx | grep -o 'mtu [0-9]*'
ip link show vy | grep -o 'mtu [0-9]*'
ip link add name vz mtu 70000 type veth peer name vw
ip link add name vz mtu 67 type bridge
