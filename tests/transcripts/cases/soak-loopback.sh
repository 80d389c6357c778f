# what invented scripts found round the loopback: questions as if a packet had come in by it, packets that leave by it to another's address, networks by name
iptables -A INPUT -s default -j DROP
iptables -A INPUT -s loopback -j DROP
iptables -A INPUT -d link-local -j DROP
iptables -A INPUT -d link-local/16 -j DROP
iptables -A INPUT -s localhost -j DROP
iptables -S
iptables -D INPUT 9
iptables -t nat -D PREROUTING 1
iptables -t nat -R PREROUTING 1 -j ACCEPT
iptables -D FORWARD 1
iptables -R OUTPUT 1 -j ACCEPT
ip6tables -A INPUT -s default -j DROP
ip link set lo up
ip addr add fd00::1/64 dev lo nodad
ip -6 route get fd00::5
ip -6 route get fd00::5 from fd00::1
ip -6 route get fd00::1
ip -6 route get fd00::5 oif lo
ip -6 route add fd07::/64 dev lo
ip -6 route get fd07::5
ip -6 -j route get fd07::5
ip -6 route show
ip -6 route show table local
ip route get 10.0.0.1 from 127.0.0.1 iif lo
ip route get 127.0.0.1 from 127.0.0.1 iif lo
ip route get 127.0.0.1 from 10.0.0.1 iif lo
ip route get 127.0.0.5 from 127.0.0.1
ip link add va type veth peer name vb
ip link set va up
ip link set vb up
ip addr add 10.0.0.1/24 dev va
ip route get 10.0.0.1 from 127.0.0.1 iif lo
ip route get 10.0.0.1 from 10.0.0.1 iif lo
ip route get 10.0.0.5 from 10.0.0.1 iif lo
ip route get 127.0.0.1 from 10.0.0.1 iif lo
ip route get 10.0.0.1 from 10.0.0.1 iif va
ip route get 10.0.0.1 from 127.0.0.1 iif va
ip route get 10.0.0.1 from 127.0.0.1 iif lo
ip route get 127.0.0.1 from 127.0.0.1 iif lo
sysctl -w net.ipv4.ip_forward=1
ip route get 10.0.0.5 from 10.0.0.1 iif lo
ip route get 9.9.9.9 from 10.0.0.1 iif lo
ip route add 10.7.0.0/16 dev lo
ip route add 10.6.0.0/16 via 10.0.0.7 dev lo onlink
sysctl -w net.ipv6.conf.all.forwarding=1
