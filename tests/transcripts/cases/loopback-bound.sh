# packets that leave by the loopback to another's address are taken here, and answered where an address of ours was meant; sockets bound to it
ip link set lo up
ip link add va type veth peer name vb
ip link set va up
ip link set vb up
ip addr add 10.0.0.1/24 dev va
ping -c 1 -W 1 -I lo 10.0.0.1
ping -c 1 -W 1 -I lo 10.0.0.9
ping -c 1 -W 1 -I lo 9.9.9.9
ip route get 10.0.0.9 oif lo
ip route get 10.0.0.1 oif lo
sysctl -w net.ipv4.ip_forward=1
ping -c 1 -W 1 -I lo 10.0.0.1
ping -c 1 -W 1 -I lo 10.0.0.9
ping -c 1 -W 1 -I lo 9.9.9.9
ip route add 10.7.0.0/16 dev lo
ping -c 1 -W 1 10.7.0.1
ip route add 10.6.0.0/16 via 10.0.0.7 dev lo onlink
ping -c 1 -W 1 10.6.0.1
traceroute -n -q 1 -w 1 -m 2 10.7.0.1
ip route get 10.7.0.1 from 10.0.0.1 iif lo
ip route get 10.0.0.1 from 10.0.0.1 iif lo
ip route get 10.0.0.5 from 10.0.0.9 iif lo
ip route get 10.0.0.1 from 10.0.0.9 iif lo
ip route get 10.0.0.1 from 10.0.0.9 iif vb
ip -s link show lo
sysctl -w net.ipv6.conf.lo.hop_limit=0
sysctl -w net.ipv6.conf.all.hop_limit=0
sysctl -w net.ipv6.conf.default.hop_limit=256
sysctl -w net.ipv6.conf.default.hop_limit=255
sysctl -w net.ipv6.conf.default.ndisc_tclass=256
sysctl -w net.ipv6.conf.default.ndisc_tclass=-1
sysctl -w net.ipv6.conf.default.ra_defrtr_metric=0
sysctl -w net.ipv6.conf.default.accept_ra_min_lft=-1
