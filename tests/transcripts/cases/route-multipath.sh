# multipath routes, nexthop flags, dead links, linkdown
for i in 0 1 2; do ip link add v$i address 02:00:00:00:00:1$i type veth peer name p$i address 02:00:00:00:00:2$i; ip link set p$i up; ip addr add 10.0.$i.1/24 dev v$i; ip link set v$i up; done
ip route add 10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 weight 3
ip route add 10.8.0.0/16 nexthop via 10.0.0.2 dev v0 nexthop via 10.7.7.7 dev v1 onlink nexthop dev v2
ip route add 10.7.0.0/16 proto static metric 20 nexthop via 10.0.0.2 nexthop via 10.0.1.2
ip route append 10.7.0.0/16 metric 20 nexthop via 10.0.1.9 nexthop via 10.0.2.2
ip route add 10.6.0.0/16 nexthop via 10.0.0.2
ip route add 10.5.0.0/16 nexthop
ip route add 10.5.0.0/16 nexthop via 10.44.0.1 nexthop via 10.0.0.2
ip route add 10.5.0.0/16 nexthop via 10.0.0.2 weight 0
ip route add 10.5.0.0/16 nexthop via 10.0.0.2 weight 300
ip route add 10.5.0.0/16 nexthop via 10.0.0.2 weight 256
ip route
ip -o route show 10.8.0.0/16
ip -j route show 10.9.0.0/16
ip -j -p route show 10.8.0.0/16
ip -d route show 10.9.0.0/16
ip route get 10.6.1.1
ip route get 10.9.1.1 oif v1
ip link set p1 down
ip route
ip route get 10.9.1.1 oif v1
ip route get 10.0.1.77
ping -c 1 -W 1 10.0.1.77
sysctl -w net.ipv4.conf.all.ignore_routes_with_linkdown=1
ip route
ip route get 10.0.1.77
ping -c 1 -W 1 10.0.1.77
sysctl -w net.ipv4.conf.all.ignore_routes_with_linkdown=0
ip link set p1 up
ip route show dev v1
ip link set v1 down
ip route
ip link set v1 up
ip route
ip link del v0
ip route
ip route del 10.8.0.0/16
ip route del 10.7.0.0/16
ip route replace 10.9.0.0/16 nexthop via 10.0.1.5 nexthop via 10.0.2.5
ip route change 10.9.0.0/16 via 10.0.1.6
ip route
ip link set v2 down
ip route
