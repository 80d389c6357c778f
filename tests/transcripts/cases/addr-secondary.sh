# primaries and secondaries: order, deletion, promotion
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set va up
ip link set vb up
sysctl net.ipv4.conf.all.promote_secondaries net.ipv4.conf.va.promote_secondaries
ip addr add 10.0.0.1/24 dev va
ip addr add 10.0.0.2/24 dev va
ip addr add 10.0.0.3/24 dev va
ip addr add 10.0.0.4/25 dev va
ip addr add 10.0.0.5/24 dev va
ip addr add 10.0.0.6/25 dev va
ip addr add 10.1.0.1/24 dev va
ip -4 addr show va
ip route
ip -4 addr show va primary
ip -4 addr show va secondary
ip -4 addr show va permanent
ip -4 addr show va dynamic
ip route show table local dev va
ip addr del 10.0.0.4/25 dev va
ip -4 addr show va
sysctl -w net.ipv4.conf.va.promote_secondaries=1
ip addr del 10.0.0.1/24 dev va
ip -4 addr show va
ip route
ip route show table local dev va
ip addr add 10.0.0.9/24 dev va
ip addr del 10.0.0.2/24 dev va
ip -4 addr show va
ip route
sysctl -w net.ipv4.conf.va.promote_secondaries=0
ip route add 10.50.0.0/16 via 10.0.0.77
ip route add 10.51.0.0/16 dev va src 10.0.0.9
ip route
ip addr del 10.0.0.9/24 dev va
ip route
ip addr del 10.0.0.3/24 dev va
ip -4 addr show va
ip route
ip addr add 10.1.0.2/24 dev va
ip addr add 10.1.0.3/24 dev va
ip addr flush dev va secondary
ip -4 addr show va
ip addr flush dev va to 10.1.0.0/24
ip -4 addr show va
ip addr add 10.2.0.1/24 dev va
ip addr add 10.2.0.1/24 dev vb
ip addr add 10.2.0.2/24 dev vb
ip route
ip addr del 10.2.0.1/24 dev va
ip route
ip addr del 10.2.0.2/24 dev vb
ip route show table local
ip -s addr flush dev vb
ip -s -s addr flush dev va
ip addr flush scope global
ip addr flush scope link
ip -br addr
