# IPv6: forwarding, ndisc proxy, hop limits, unreachable ports, big packets
for n in a r b; do ip netns add $n; ip -n $n link set lo up; done
ip link add a0 netns a address 02:00:00:00:01:01 type veth peer name r0 netns r address 02:00:00:00:01:02
ip link add b0 netns b address 02:00:00:00:02:01 type veth peer name r1 netns r address 02:00:00:00:02:02
for l in a:a0 r:r0 r:r1 b:b0; do ip -n ${l%:*} link set ${l#*:} up; done
ip -n a addr add fd00:1::2/64 dev a0 nodad; ip -n r addr add fd00:1::1/64 dev r0 nodad; ip -n r addr add fd00:2::1/64 dev r1 nodad; ip -n b addr add fd00:2::2/64 dev b0 nodad
ip -n a -6 route add default via fd00:1::1; ip -n b -6 route add default via fd00:2::1
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
sleep 4
ip netns exec a ping -c 2 fd00:2::2
ip netns exec a ping -6 -c 1 -s 1452 -M do fd00:2::2
ip netns exec a ping -6 -c 1 -s 1453 -M do fd00:2::2
ip netns exec a ping -6 -c 1 -s 3000 fd00:2::2
ip -n r link set r1 mtu 1300
ip -n b link set b0 mtu 1300
ip netns exec a ping -6 -c 1 -W 1 -s 1400 -M do fd00:2::2
ip netns exec a ping -6 -c 1 -W 1 -s 1400 fd00:2::2
ip -n a -6 route get fd00:2::2 | sed 's/expires [0-9]*sec/expires N/'
ip netns exec a traceroute -6 -n -q 1 -w 1 fd00:2::2
ip netns exec a ping -6 -c 1 -t 1 fd00:2::2
ip netns exec a ping -6 -c 1 -W 1 fd00:2::99
sleep 3
ip netns exec a ping -6 -c 1 -W 4 fd00:2::99
ip netns exec a ping -6 -c 1 -W 1 fd00:3::1
ip -n r -6 route add prohibit fd00:4::/64
ip netns exec a ping -6 -c 1 -W 1 fd00:4::1
ip -n r -6 route add blackhole fd00:5::/64
ip netns exec a ping -6 -c 1 -W 1 fd00:5::1
ip -n r -6 route add unreachable fd00:6::/64
ip netns exec a ping -6 -c 1 -W 1 fd00:6::1
ip netns exec a ping -6 -c 2 -I a0 ff02::1
ip netns exec a ping -6 -c 1 ff02::1%a0
ip netns exec a ping -6 -c 1 -I a0 ff02::2
ip netns exec a ping -6 -c 1 fe80::ff:fe00:102
ip netns exec a ping -6 -c 1 -I fd00:1::2 fd00:1::1
ip netns exec a ping -6 -c 1 -I fd00:1::77 fd00:1::1
ip netns exec a ping -6 -c 1 -F 5 fd00:1::1
ip netns exec a ping -6 -c 1 -n -v fd00:1::1 | sed 's/ident=[0-9]*/ident=N/'
ip -n a -6 neigh | sort
ip -n r -6 neigh | sort
ip netns exec r sysctl -w net.ipv6.conf.r0.proxy_ndp=1
ip -n r -6 neigh add proxy fd00:1::50 dev r0
ip -n r -6 neigh show proxy
ip -n r -6 route add fd00:1::50/128 via fd00:2::2
ip -n b addr add fd00:1::50/128 dev lo
ip netns exec a ping -6 -c 1 -W 2 fd00:1::50
ip -n a -6 neigh show fd00:1::50
ip netns exec a sysctl -w net.ipv6.icmp.echo_ignore_all=1
ip netns exec r ping -6 -c 1 -W 1 fd00:1::2
ip netns exec a sysctl -w net.ipv6.conf.all.disable_ipv6=1
ip -n a addr
ip netns exec a ping -6 -c 1 fd00:2::2
ip netns exec a sysctl -w net.ipv6.conf.all.disable_ipv6=0
sleep 3
ip -n a addr
