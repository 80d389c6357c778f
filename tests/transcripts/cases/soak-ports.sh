# what invented scripts found: a port that was shut and is told of as changed goes through its states again; change of a default route of IPv6 that is not there; sources within a network of lo
ip link add br0 type bridge
ip netns add red
ip link add rp address 02:00:00:00:01:01 type veth peer name ra address 02:00:00:00:01:02 netns red
ip link set rp master br0 up
ip link set br0 up
ip -n red link set ra up
sleep 0.3
bridge link set dev rp state 0
bridge link
bridge link set dev rp cost 7
bridge link
ip link set rp alias x
bridge link
bridge link set dev rp state 0
ip link set rp type bridge_slave cost 5
bridge link
ip link set rp type bridge_slave state 0
bridge link
ip link set rp type bridge_slave state 1
bridge link
ip link set rp type bridge_slave state 4
bridge link
bridge link set dev rp state 0
ip link set br0 type bridge priority 5
bridge link
ip link set br0 type bridge stp_state 1
ip link set rp group 5
bridge link
ip link del rp
ip link set lo up
ip link add va type veth peer name vb
ip addr add 10.0.0.77/32 dev va
ip addr add 10.0.0.1/24 dev va
ip route get 10.0.0.1 from 10.0.0.77 iif lo
ip addr del 10.0.0.77/32 dev va
ip route get 10.0.0.1 from 10.0.0.77 iif lo
sysctl -w net.ipv6.conf.all.forwarding=1
ip link set va up
ip link set vb up
ip addr add fd01::1/64 dev va nodad
ip -6 route change default via fd01::2
ip -6 route change default via fd01::2 metric 5
ip -6 route change fd09::/64 via fd01::2
ip -6 route replace default via fd01::2
ip -6 route change default via fd01::3
ip -6 route change default via fd01::3 metric 5
ip -6 route change fd09::/64 via fd01::2
ip -6 route del default
ip -6 route change default via fd01::2
ip -6 route add fd08::/64 via fd01::2
ip -6 route change default via fd01::2
ip -6 route change default dev va
ip -6 route change default via fd01::2 table 100
ip -6 route add unreachable default metric 4278198272
ip -6 route change default via fd01::2
ip addr add 10.20.0.2/24 dev lo
ip route get 10.20.0.1 from 10.20.0.77 iif lo
ip route get 10.20.0.1 from 10.20.0.2 iif lo
