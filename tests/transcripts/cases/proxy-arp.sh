# proxy_arp: one subnet on two wires; and a /32 host routed to
for n in left mid right; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -q -w net.ipv6.conf.all.disable_ipv6=1; done
ip link add l0 netns left address 02:00:00:00:01:01 type veth peer name m0 netns mid address 02:00:00:00:01:02
ip link add r0 netns right address 02:00:00:00:02:01 type veth peer name m1 netns mid address 02:00:00:00:02:02
ip -n left addr add 10.0.0.10/24 dev l0
ip -n right addr add 10.0.0.20/24 dev r0
for x in left:l0 mid:m0 mid:m1 right:r0; do ip -n ${x%:*} link set ${x#*:} up; done
ip -n mid addr add 10.0.0.1/32 dev m0
ip -n mid route add 10.0.0.10/32 dev m0
ip -n mid route add 10.0.0.20/32 dev m1
sleep 1
ip netns exec left ping -c 1 -W 1 10.0.0.20
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip netns exec left ping -c 1 -W 1 10.0.0.20
ip netns exec mid sysctl -w net.ipv4.conf.m0.proxy_arp=1
ip -n left neigh flush all
ip netns exec left ping -c 1 -W 3 10.0.0.20
ip netns exec mid sysctl -w net.ipv4.conf.m1.proxy_arp=1
ip -n right neigh flush all
ip netns exec left ping -c 1 -W 3 10.0.0.20
ip -n left neigh
ip -n right neigh
ip -n mid neigh
ip netns exec left ping -c 1 10.0.0.1
ip netns exec left ping -c 1 -W 1 10.0.0.77
ip netns exec mid sysctl -w net.ipv4.conf.all.proxy_arp=0 net.ipv4.conf.m0.proxy_arp=0 net.ipv4.conf.m1.proxy_arp=0
ip -n mid neigh add proxy 10.0.0.20 dev m0
ip -n mid neigh show proxy
ip -n left neigh flush all
ip netns exec left ping -c 1 -W 3 10.0.0.20
ip -n left neigh
ip netns exec left traceroute -n -q 1 -w 2 10.0.0.20
ip netns exec mid sysctl -w net.ipv4.neigh.m0.proxy_delay=0
ip -n left neigh flush all
ip netns exec left ping -c 1 -W 1 10.0.0.20
ip netns exec left arping -c 1 -I l0 10.0.0.20
ip netns exec left arping -c 1 -w 1 -I l0 10.0.0.30
ip -n mid -s neigh show proxy
ip netns exec mid arp -n | tr -s ' ' | sort
ip netns exec left arp -n | tr -s ' ' | sort
