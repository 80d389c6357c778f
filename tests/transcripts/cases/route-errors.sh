# ip route: wrong input, and what the kernel refuses
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev va
ip route add 10.1.0.0/16 dev va
ip route add 10.1.0.0/16 via 10.0.0.2
ip link set va up
ip route add
ip route add 10.1.0.0/16
ip route add 10.1.0.0/16 via
ip route add 10.1.0.0/16 dev
ip route add 10.1.0.0/16 dev nosuch
ip route add 10.1.0.0/16 via 10.0.0
ip route add 10.1.0.0/16 via foo
ip route add foo via 10.0.0.2
ip route add 10.1.0.1/16 via 10.0.0.2
ip route add 10.1.0.0/16 via 10.0.0.1
ip route add 10.1.0.0/16 via 10.0.0.255
ip route add 10.1.0.0/16 via 10.55.0.1
ip route add 10.1.0.0/16 via 10.55.0.1 dev va
ip route add 10.1.0.0/16 via fd00::1
ip route add fd00:9::/64 via 10.0.0.2
ip route add 10.1.0.0/16 dev vb
ip route add 10.1.0.0/16 via 10.0.0.2 foo
ip route add 10.1.0.0/16 via 10.0.0.2 metric abc
ip route add 10.1.0.0/16 via 10.0.0.2 table nosuch
ip route add 10.1.0.0/16 via 10.0.0.2 proto nosuch
ip route add 10.1.0.0/16 via 10.0.0.2 scope nosuch
ip route add 10.1.0.0/16 via 10.0.0.2 src 10.77.0.1
ip route add 10.1.0.0/16 via 10.0.0.2 src foo
ip route add 10.1.0.0/16 via 10.0.0.2 mtu abc
ip route add nosuchtype 10.1.0.0/16
ip route add blackhole 10.1.0.0/16 via 10.0.0.2
ip route add unreachable
ip route add 10.1.0.0/16 via 10.0.0.2 scope host
ip route add 10.1.0.0/16 via 10.0.0.2 scope link
ip route add 10.1.0.0/16 dev lo
ip route add 224.0.0.0/4 via 10.0.0.2
ip route add 127.0.0.0/8 via 10.0.0.2
ip route add 255.255.255.255 dev va
ip route
ip route del
ip route del 10.99.0.0/16
ip route del 10.1.0.0/24
ip route del 10.1.0.0/16 dev vb
ip route del default
ip route del foo
ip route replace
ip route foo
ip route get
ip route get foo
ip route get 10.0.0.5 foo
ip route get 10.0.0.5 from
ip route get 10.0.0.5 iif nosuch
ip route get 10.0.0.5 oif nosuch
ip route get 10.0.0.5 oif vb
ip route get 10.0.0.5 from 10.44.0.1
ip route get 99.0.0.1
ip route get 224.0.0.5
ip route get 255.255.255.255
ip route get 0.0.0.0
ip route get 10.0.0.0/24
ip -6 route get fd99::1
ip -6 route get 10.0.0.5
ip -4 route get fd00::1
ip -n nosuch route
