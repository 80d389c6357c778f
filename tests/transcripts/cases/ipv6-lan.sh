# IPv6 on one wire: link-local only, ULA, a router reached by its link-local address, DAD that fails, same MAC twice
ip link add br0 address 02:00:00:00:00:f0 type bridge mcast_snooping 0; ip link set br0 up
for n in a b r; do ip netns add $n; ip -n $n link set lo up; done
i=0; for n in a b r; do i=$((i+1)); ip link add v$n address 02:00:00:00:01:0$i type veth peer name e0 netns $n address 02:00:00:00:00:0$i; ip link set v$n master br0 up; ip -n $n link set e0 up; done
ip netns add z; ip -n z link set lo up; ip link add e1 netns r address 02:00:00:00:02:01 type veth peer name e0 netns z address 02:00:00:00:02:02; ip -n r link set e1 up; ip -n z link set e0 up
sleep 3
ip -n a -6 addr show e0
ip netns exec a ping -c 1 fe80::ff:fe00:2%e0
ip netns exec a ping -c 1 -I e0 fe80::ff:fe00:2 2>/dev/null
ip -n a -6 neigh show fe80::ff:fe00:2
ip -n a addr add fd00:1::a/64 dev e0; ip -n b addr add fd00:1::b/64 dev e0; ip -n r addr add fd00:1::1/64 dev e0 nodad; ip -n r addr add fd00:2::1/64 dev e1 nodad; ip -n z addr add fd00:2::2/64 dev e0 nodad
sleep 3
ip netns exec a ping -c 2 -i 0.2 fd00:1::b
ip netns exec r sysctl -q -w net.ipv6.conf.all.forwarding=1
ip -n a -6 route add default via fe80::ff:fe00:3 dev e0
ip -n a -6 route add default via fe80::ff:fe00:3
ip -n z -6 route add default via fd00:2::1
ip -n a -6 route
ip netns exec a ping -c 1 fd00:2::2
ip netns exec a traceroute -n -q 1 fd00:2::2
ip -n a -6 route get fd00:2::2
ip -n a -6 neigh show fe80::ff:fe00:3
ip netns exec z ping -c 1 fd00:1::a
ip -n b addr add fd00:1::a/64 dev e0
sleep 2.5
ip -n b -6 addr show e0 scope global
ip netns exec r ping -c 1 fd00:1::a
ip -n b addr del fd00:1::a/64 dev e0
ip -n b link set e0 down
ip -n b link set e0 address 02:00:00:00:00:01
ip -n b link set e0 up
sleep 3
ip -n b -6 addr show e0
ip netns exec b sysctl -w net.ipv6.conf.e0.accept_dad=2
ip -n b link set e0 down
ip -n b link set e0 up
sleep 3
ip -n b -6 addr show e0
ip netns exec b sysctl net.ipv6.conf.e0.disable_ipv6
ip netns exec b sysctl -w net.ipv6.conf.e0.accept_dad=0
ip -n b link set e0 down
ip -n b link set e0 up
sleep 1
ip -n b -6 addr show e0
ip -n b link set e0 down; ip -n b link set e0 address 02:00:00:00:00:0b; ip -n b link set e0 addrgenmode none; ip -n b link set e0 up
sleep 2
ip -n b -6 addr show e0
ip -n b addr add fe80::b/64 dev e0
sleep 2
ip -n b -6 addr show e0
ip netns exec b ping -c 1 fe80::ff:fe00:1%e0
ip -n b addr add fd00:1::bb/64 dev e0 nodad
ip netns exec b ping -c 1 -W 1 fd00:1::a
ip -n a -6 addr flush dev e0 scope global
ip -n a -6 addr show e0
ip -n a -6 route
ip netns exec a ping -c 1 -W 1 fd00:1::b
ip netns exec a sysctl -w net.ipv6.conf.e0.disable_ipv6=1
ip -n a -6 route
ip netns exec a ping -c 1 -W 1 fe80::b%e0
