# path MTU: a narrow link in the middle, fragments, caches, lock
for n in a b c d; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
ip link add ab netns a address 02:00:00:00:01:01 type veth peer name ba netns b address 02:00:00:00:01:02
ip link add bc netns b address 02:00:00:00:02:01 type veth peer name cb netns c address 02:00:00:00:02:02
ip link add cd netns c address 02:00:00:00:03:01 type veth peer name dc netns d address 02:00:00:00:03:02
for x in a:ab:1.1 b:ba:1.2 b:bc:2.1 c:cb:2.2 c:cd:3.1 d:dc:3.2; do IFS=: read n d h <<< $x; ip -n $n addr add 10.0.$h/24 dev $d; ip -n $n addr add fd00:${h%.*}::${h#*.}/64 dev $d nodad; ip -n $n link set $d up; done
ip -n a route add default via 10.0.1.2; ip -n b route add 10.0.3.0/24 via 10.0.2.2; ip -n c route add 10.0.1.0/24 via 10.0.2.1; ip -n d route add default via 10.0.3.1
ip -n a -6 route add default via fd00:1::2; ip -n b -6 route add fd00:3::/64 via fd00:2::2; ip -n c -6 route add fd00:1::/64 via fd00:2::1; ip -n d -6 route add default via fd00:3::1
ip -n b link set bc mtu 1400; ip -n c link set cb mtu 1400
ip -n c link set cd mtu 1300; ip -n d link set dc mtu 1300
sleep 3
ip netns exec a ping -c 1 10.0.3.2
ip -n a route get 10.0.3.2
ip netns exec a ping -c 1 -M do -s 1472 10.0.3.2
ip -n a route get 10.0.3.2 | sed 's/expires [0-9]*sec/expires #/'
ip netns exec a ping -c 1 -M do -s 1472 10.0.3.2
ip netns exec a ping -c 1 -M do -s 1372 10.0.3.2
ip -n a route get 10.0.3.2 | sed 's/expires [0-9]*sec/expires #/'
ip netns exec a ping -c 1 -M do -s 1272 10.0.3.2
ip netns exec a ping -c 1 -s 1472 10.0.3.2
ip netns exec a ping -c 1 -M dont -s 1472 10.0.3.2
ip -n a route show cache | sed 's/expires [0-9]*sec/expires #/'
ip -n a route flush cache
ip -n a route get 10.0.3.2
ip netns exec d tcpdump -i dc -U -w d.pcap 'icmp or ip[6:2] & 0x1fff != 0' >/dev/null 2>&1 & sleep 2
ip netns exec a ping -c 1 -M dont -s 3000 10.0.3.2
ip netns exec a ping -c 2 -i 0.2 -s 1472 10.0.3.2
ip netns exec a ping -c 3 -i 0.2 -s 2000 10.0.3.2
kill %1; wait 2>/dev/null
tcpdump -vnr d.pcap 2>/dev/null | sed 's/^[0-9:.]* //; s/id [0-9]*/id #/g'
ip -n a route add 10.0.3.2 via 10.0.1.2 mtu 1200
ip netns exec a ping -c 1 -M do -s 1273 10.0.3.2
ip -n a route get 10.0.3.2 | sed 's/expires [0-9]*sec/expires #/'
ip -n a route replace 10.0.3.2 via 10.0.1.2 mtu lock 1450
ip netns exec a ping -c 1 -M do -s 1400 10.0.3.2
ip -n a route get 10.0.3.2 | sed 's/expires [0-9]*sec/expires #/'
ip netns exec a ping -c 1 fd00:3::2
ip netns exec a ping -c 1 -M do -s 1452 fd00:3::2
ip -n a -6 route get fd00:3::2 | sed 's/expires [0-9]*sec/expires #/'
ip netns exec a ping -c 1 -s 1452 fd00:3::2
ip netns exec a ping -c 1 -s 1452 fd00:3::2
ip netns exec a ping -c 1 -s 3000 fd00:3::2
ip netns exec a ping -c 1 -M do -s 1253 fd00:3::2
ip -n a -6 route show cache | sed 's/expires [0-9]*sec/expires #/'
ip -n a -6 route get fd00:3::2 | sed 's/expires [0-9]*sec/expires #/'
ip -n b link set ba mtu 1280
ip netns exec a ping -c 1 -s 1400 10.0.3.2
ip netns exec b ping -c 1 -s 1400 10.0.1.1
ip netns exec a traceroute -n -q 1 -w 1 --mtu 10.0.3.2
