# what a link down, up, address loss and device removal do to addresses, local tables and routes
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
ip link set va up; ip link set vc up; ip link set vd up; ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va; ip addr add 10.0.0.2/24 dev va; ip addr add 10.1.0.1/24 dev vc; ip addr add fd00::1/64 dev va nodad
ip route add default via 10.0.0.254
ip route add 10.5.0.0/16 via 10.1.0.9
ip route add 10.6.0.0/16 dev va
ip route add blackhole 10.7.0.0/16
ip -6 route add default via fd00::fe
sleep 2
ip route show table all | grep -v fe80
ip link set va down
ip route
ip route show table local
ip -6 route show table all | grep -v fe80
ip -4 addr show va
ping -c 1 -W 1 10.0.0.1
ping -c 1 -W 1 10.0.0.254
ip link set va up
sleep 2
ip route
ip route show table local dev va
ip -6 route show table all dev va | grep -v fe80
ip -6 addr show va scope global
ip -n peer link set vb down
sleep 1
ip route
ip -6 route show dev va | grep -v fe80
ip addr show va
ping -c 1 -W 1 10.0.0.254
ip -n peer link set vb up
sleep 1
ip route
ip addr del 10.1.0.1/24 dev vc
ip route
ip addr add 10.1.0.1/24 dev vc
ip route
ip route add 10.5.0.0/16 via 10.1.0.9
ip link set vc name vz
ip route
ip link set vz down
ip link set vz mtu 1300
ip link set vz up
ip route
ip link del vd
ip route
ip addr add 10.9.0.1/24 dev lo
ip addr add 10.9.1.1/32 dev lo
ip route show table local dev lo
ip route
ping -c 1 -W 1 10.9.0.77
ip route get 10.9.0.77
ip link set lo down
ip route show table local
ip addr show lo
ip link set lo up
ip route show table local
ip addr show lo
ip link del va
ip route show table all
ip addr
