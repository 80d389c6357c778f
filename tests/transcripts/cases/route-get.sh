# ip route get: what the lookup decides
sysctl -q -w net.ipv4.ip_forward=1
ip link add va address 02:00:00:00:00:01 type veth peer name pa address 02:00:00:00:00:11
ip link add vb address 02:00:00:00:00:02 type veth peer name pb address 02:00:00:00:00:12
for d in va pa vb pb; do ip link set $d up; done
ip addr add 10.0.0.1/24 dev va
ip addr add 10.0.0.7/24 dev va
ip addr add 10.1.0.1/24 dev vb
ip route add default via 10.0.0.254
ip route add 10.2.0.0/16 via 10.1.0.2 mtu 1400
ip route add 10.3.0.0/16 via 10.1.0.2 src 10.0.0.7
ip route get 8.8.8.8
ip r g 8.8.8.8
ip route get 10.0.0.55
ip route get 10.0.0.1
ip route get 10.0.0.7
ip route get 127.0.0.1
ip route get 127.5.5.5
ip route get 10.0.0.255
ip route get 224.0.0.251
ip route get 239.1.1.1 oif vb
ip route get 255.255.255.255 oif vb
ip route get 10.2.1.1
ip route get 10.3.1.1
ip route get 8.8.8.8 from 10.0.0.7
ip route get 8.8.8.8 from 10.1.0.1
ip route get 8.8.8.8 oif vb
ip route get 8.8.8.8 from 10.1.0.9 iif vb
ip route get 10.1.0.9 from 10.0.0.9 iif va
ip route get 10.0.0.1 from 10.1.0.9 iif vb
ip route get 10.0.0.1 from 10.0.0.9 iif va
ip route get 10.1.0.9 from 10.1.0.8 iif vb
ip route get 10.0.0.255 from 10.0.0.9 iif va
ip route get 8.8.8.8 from 10.99.0.1 iif vb
ip route get 8.8.8.8 from 127.0.0.1 iif vb
ip route get 8.8.8.8 mark 5
ip route get 8.8.8.8 tos 0x10
ip route get 8.8.8.8 uid 1000
ip route get 8.8.8.8 fibmatch
ip route get fibmatch 10.2.1.1
ip route get 10.0.0.1 fibmatch
ip route get to 10.2.1.1 dev va
ip -j route get 8.8.8.8
ip -j -p route get 10.2.1.1
ip -o route get 10.2.1.1
ip -d route get 8.8.8.8
ip -s route get 8.8.8.8
ip route get 8.8.8.8 ipproto udp dport 53
ip route get 8.8.8.8 connected
ip link set vb down
ip route get 10.2.1.1
ip route get 10.1.0.1
ip route add blackhole 10.66.0.0/16
ip route add throw 10.67.0.0/16
ip route get 10.66.0.1
ip route get 10.67.0.1
ip route del default
ip route get 8.8.8.8
ip route get 8.8.8.8 oif va
ping -c 1 -W 1 10.66.0.1
ping -c 1 -W 1 8.8.8.8
