# several ways: weights, dead ones, carrier, lookups, replacing
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
for i in 1 2 3; do ip link add e$i netns a address 02:00:00:00:0a:0$i type veth peer name e$i netns b address 02:00:00:00:0b:0$i; ip -n a addr add 10.$i.0.1/24 dev e$i; ip -n b addr add 10.$i.0.2/24 dev e$i; ip -n a link set e$i up; ip -n b link set e$i up; done
ip -n b addr add 10.99.0.1/24 dev lo
sleep 2
ip -n a route add 10.99.0.0/24 nexthop via 10.1.0.2 weight 1 nexthop via 10.2.0.2 weight 2 nexthop via 10.3.0.2 weight 3
ip -n a route
ip -n a -d route show 10.99.0.0/24
ip -n a -j route show 10.99.0.0/24
ip -n a -o route
ip netns exec a ping -c 2 10.99.0.1
ip -n a route add 10.99.0.0/24 via 10.1.0.2
ip -n a route append 10.99.0.0/24 via 10.1.0.2
ip -n a route show 10.99.0.0/24
ip -n a route del 10.99.0.0/24 via 10.1.0.2
ip -n a route del 10.99.0.0/24 nexthop via 10.1.0.2 nexthop via 10.2.0.2
ip -n a route show 10.99.0.0/24
ip -n b link set e2 down
sleep 1
ip -n a route
ip netns exec a sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=1
ip -n a route
ip netns exec a ping -c 1 -W 1 10.99.0.1
ip -n a link set e2 down
ip -n a route
ip -n a link set e2 up; ip -n b link set e2 up
sleep 1
ip -n a route
ip -n a route replace 10.99.0.0/24 nexthop via 10.1.0.2 dev e1 onlink nexthop dev e2
ip -n a route show 10.99.0.0/24
ip -n a route change 10.99.0.0/24 via 10.3.0.2 src 10.1.0.1
ip -n a route show 10.99.0.0/24
ip -n a route add 10.98.0.0/24 nexthop via 10.1.0.2 nexthop via 10.55.0.2
ip -n a route add 10.98.0.0/24 nexthop via 10.1.0.2 weight 0
ip -n a route add 10.98.0.0/24 nexthop via 10.1.0.2 weight 300
ip -n a route add 10.98.0.0/24 nexthop
ip -n a route add 10.98.0.0/24 nexthop via
ip -n a route add 10.98.0.0/24 nexthop dev nosuch
ip -n a route add 10.98.0.0/24 nexthop via 10.1.0.2 frob
ip -n a route add 10.98.0.0/24 via 10.1.0.2 nexthop via 10.2.0.2
ip -n a route add blackhole 10.98.0.0/24 nexthop via 10.2.0.2
ip -n a route add 10.98.0.0/24 metric 5 mtu 1400 nexthop via 10.1.0.2 nexthop via 10.2.0.2
ip -n a route
ip -n a route del 10.98.0.0/24
ip -n a link del e1
ip -n a route
ip -n a -6 route add fd99::/64 nexthop via fe80::ff:fe00:b02 dev e2 nexthop via fe80::ff:fe00:b03 dev e3 weight 5
ip -n a -6 route show fd99::/64
ip -n a -6 route del fd99::/64 via fe80::ff:fe00:b02 dev e2
ip -n a -6 route show fd99::/64
ip -n a -6 route append fd99::/64 via fe80::ff:fe00:b09 dev e2
ip -n a -6 -j route show fd99::/64
