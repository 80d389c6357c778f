# IPv6 through a router: errors, hop limits, redirects, packet too big, what tcpdump shows
for n in left mid right; do ip netns add $n; ip -n $n link set lo up; done
ip link add l0 netns left address 02:00:00:00:01:01 type veth peer name m0 netns mid address 02:00:00:00:01:02
ip link add r0 netns right address 02:00:00:00:02:01 type veth peer name m1 netns mid address 02:00:00:00:02:02
ip netns exec mid sysctl -q -w net.ipv6.conf.all.forwarding=1
for x in left:l0:1::2 mid:m0:1::1 mid:m1:2::1 right:r0:2::2; do n=${x%%:*}; r=${x#*:}; d=${r%%:*}; a=${r#*:}; ip -n $n addr add fd00:$a/64 dev $d nodad; ip -n $n link set $d up; done
ip -n left -6 route add default via fd00:1::1
ip -n right -6 route add default via fd00:2::1
sleep 4
ip netns exec mid sysctl net.ipv6.conf.all.forwarding net.ipv6.conf.default.forwarding net.ipv6.conf.m0.forwarding
ip netns exec left tcpdump -i l0 -U -w l.pcap icmp6 >/dev/null 2>&1 & sleep 1
ip netns exec left ping -c 2 -i 0.2 fd00:2::2
ip netns exec left ping -c 1 -t 1 fd00:2::2
ip netns exec left ping -c 1 -t 2 fd00:2::2
ip netns exec left ping -c 1 -W 1 fd00:9::1
ip -n mid -6 route add unreachable fd00:a::/64
ip -n mid -6 route add prohibit fd00:b::/64
ip -n mid -6 route add blackhole fd00:c::/64
ip netns exec left ping -c 1 -W 1 fd00:a::1
ip netns exec left ping -c 1 -W 1 fd00:b::1
ip netns exec left ping -c 1 -W 1 fd00:c::1
ip netns exec mid ping -c 1 -W 1 fd00:a::1
ip netns exec mid ping -c 1 -W 1 fd00:b::1
ip netns exec mid ping -c 1 -W 1 fd00:c::1
ip netns exec left ping -c 1 -W 5 fd00:2::77
ip netns exec left ping -c 1 -W 5 fd00:1::77
ip netns exec left ping -c 1 -s 1452 fd00:2::2
ip netns exec left ping -c 1 -s 1453 fd00:2::2
ip netns exec left ping -c 1 -s 1453 -M do fd00:2::2
ip -n mid link set m1 mtu 1300
ip netns exec left ping -c 1 -W 1 -s 1400 fd00:2::2
ip netns exec left ping -c 1 -W 1 -s 1400 fd00:2::2
ip -n left -6 route get fd00:2::2 | sed 's/expires [0-9]*sec/expires #/'
ip -n mid link set m1 mtu 1200
ip -n mid addr show m1
ip -n mid link set m1 mtu 1500
sleep 3
ip -n mid -6 addr show m1
kill %1; wait 2>/dev/null
tcpdump -nr l.pcap 2>/dev/null | cut -d' ' -f2- | grep -v -e ff02::16 -e 'router solicitation'
ip -n left -6 neigh | grep -v fe80 | sort
ip -n mid -6 neigh | grep -v fe80 | sort
ip netns exec left ping -c 1 ff02::1%l0
ip netns exec left ping -c 1 -I l0 ff02::2
ip netns exec left ping -c 1 -I l0 fe80::ff:fe00:102
ip netns exec left ping -c 1 -W 1 fe80::ff:fe00:102
ip netns exec left ping -c 1 -I fd00:1::2 fd00:2::1
ip netns exec left ping -6 -c 1 -n -q fd00:1::1
ip netns exec left ping -c 1 fe80::ff:fe00:101%l0
ip -n left -6 maddr show l0
ip -n mid -6 maddr show m0
ip -n left maddr show l0
ip netns exec mid sysctl -w net.ipv6.conf.all.forwarding=0
ip -n mid -6 maddr show m0
ip netns exec left ping -c 1 -W 1 fd00:2::2
