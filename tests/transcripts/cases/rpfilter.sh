# rp_filter, martians, accept_local, source routes: what a router refuses in silence
for n in left mid right; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -q -w net.ipv6.conf.all.disable_ipv6=1; done
ip link add l0 netns left address 02:00:00:00:01:01 type veth peer name m0 netns mid address 02:00:00:00:01:02
ip link add r0 netns right address 02:00:00:00:02:01 type veth peer name m1 netns mid address 02:00:00:00:02:02
ip -n left addr add 10.1.0.2/24 dev l0; ip -n mid addr add 10.1.0.1/24 dev m0; ip -n mid addr add 10.2.0.1/24 dev m1; ip -n right addr add 10.2.0.2/24 dev r0
for x in left:l0 mid:m0 mid:m1 right:r0; do ip -n ${x%:*} link set ${x#*:} up; done
ip netns exec mid sysctl -q -w net.ipv4.ip_forward=1
ip -n left route add default via 10.1.0.1
ip -n right route add default via 10.2.0.1
sleep 1
ip netns exec mid sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.m0.rp_filter
ip -n left addr add 10.9.0.2/24 dev l0
ip netns exec right tcpdump -i r0 -U -w r.pcap icmp >/dev/null 2>&1 & sleep 1
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip netns exec mid sysctl -w net.ipv4.conf.m0.rp_filter=1
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip netns exec mid sysctl -w net.ipv4.conf.m0.rp_filter=2
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip -n mid route add 10.9.0.0/24 dev m1
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip netns exec mid sysctl -w net.ipv4.conf.m0.rp_filter=1
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip netns exec mid sysctl -w net.ipv4.conf.m0.rp_filter=0 net.ipv4.conf.all.rp_filter=1
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip -n mid route replace 10.9.0.0/24 dev m0
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.2.0.2
ip netns exec left ping -c 1 -W 1 -I 10.9.0.2 10.1.0.1
ip -n left addr add 10.2.0.1/24 dev l0
ip netns exec left ping -c 1 -W 1 -I 10.2.0.1 10.1.0.1
ip netns exec mid sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.m0.accept_local=1
ip netns exec left ping -c 1 -W 1 -I 10.2.0.1 10.1.0.1
ip -n left addr del 10.2.0.1/24 dev l0
ip -n left addr add 127.0.0.5/32 dev l0
ip netns exec left ping -c 1 -W 1 -I 127.0.0.5 10.2.0.2
ip -n left route add 127.1.0.0/16 via 10.1.0.1
ip netns exec left ping -c 1 -W 1 127.1.0.1
kill %1; wait 2>/dev/null
tcpdump -nr r.pcap 2>/dev/null | cut -d' ' -f2-
ip -n mid neigh
ip netns exec mid sysctl -w net.ipv4.conf.m0.send_redirects=0 net.ipv4.conf.all.send_redirects=0
ip -n mid route add 10.55.0.0/16 via 10.1.0.2
ip netns exec left ping -c 1 -W 1 10.55.0.1
ip netns exec mid sysctl -w net.ipv4.conf.all.send_redirects=1
ip netns exec left ping -c 1 -W 1 10.55.0.1
ip netns exec mid sysctl -w net.ipv4.ip_default_ttl=77
ip netns exec left ping -c 1 10.1.0.1
ip netns exec mid sysctl -w net.ipv4.ip_forward=0
ip netns exec left ping -c 1 -W 1 10.2.0.2
ip netns exec left ping -c 1 -W 1 10.2.0.1
