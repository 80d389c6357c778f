# fcnal style: pings through devices, sources, rules
for n in a r b; do ip netns add $n; ip -n $n link set lo up; done
ip link add a0 netns a type veth peer name ra netns r; ip link add b0 netns b type veth peer name rb netns r
for d in "a a0" "r ra" "r rb" "b b0"; do set -- $d; ip -n $1 link set $2 addrgenmode none; done
ip -n a addr add 10.1.0.2/24 dev a0; ip -n a addr add 10.1.0.12/24 dev a0; ip -n a addr add 10.99.0.1/32 dev lo; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev b0
ip -n a link set a0 up; ip -n r link set ra up; ip -n r link set rb up; ip -n b link set b0 up
ip -n a route add 10.2.0.0/24 via 10.1.0.1; ip -n b route add default via 10.2.0.1; ip -n r route add 10.99.0.1 via 10.1.0.2
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip netns exec a ping -c1 -W1 -I a0 10.2.0.2
ip netns exec a ping -c1 -W1 -I 10.1.0.12 10.2.0.2
ip netns exec a ping -c1 -W1 -I 10.99.0.1 10.2.0.2
ip netns exec a ping -c1 -W1 -I lo 10.2.0.2
ip netns exec a ping -c1 -W1 -I lo 10.1.0.2
ip netns exec a ping -c1 -W1 -I 10.5.0.1 10.2.0.2
ip netns exec a ping -c1 -W1 -I nope 10.2.0.2
ip -n r rule add prio 100 from 10.1.0.12 prohibit
ip -n r rule add prio 101 from 10.99.0.1 blackhole
ip -n r rule add prio 102 to 10.2.0.2 iif ra tos 0x10 lookup 100
ip -n r rule show
ip netns exec a ping -c1 -W1 -I 10.1.0.12 10.2.0.2
ip netns exec a ping -c1 -W1 -I 10.99.0.1 10.2.0.2
ip netns exec a ping -c1 -W1 10.2.0.2
ip -n r route add unreachable 10.2.0.2 table 100
ip netns exec a ping -c1 -W1 -Q 0x10 10.2.0.2
ip -n r route get 10.2.0.2 from 10.1.0.2 iif ra
ip -n r route get 10.2.0.2 from 10.1.0.12 iif ra
ip -n r route get 10.2.0.2 from 10.1.0.2 iif ra tos 0x10
ip -n r rule del prio 102
ip -n r rule del prio 102
ip -n r rule add prio 90 fwmark 0x5/0xf lookup 200
ip -n r rule add prio 91 ipproto icmp lookup 201
ip -n r rule add prio 92 sport 100-200 dport 80 ipproto tcp lookup 202
ip -n r rule add prio 93 not from 10.1.0.0/24 lookup 203
ip -n r rule add prio 94 oif rb uidrange 0-1000 lookup 204
ip -n r rule add prio 95 lookup main suppress_prefixlength 0
ip -n r rule show
ip -n r -j rule show | jq -Mc '.[] | [.priority,.src,.table]'
ip -n r rule add prio 95 lookup main suppress_prefixlength 0
ip -n r rule del prio 91 ipproto tcp
ip -n r rule flush
ip -n r rule show
ip -n r rule add lookup main; ip -n r rule add prio 32767 lookup default; ip -n r rule show
ip netns exec a traceroute -n -q 1 -w 1 10.2.0.2
ip -n b link set b0 down
ip netns exec a ping -c1 -W4 10.2.0.2
ip -n r route del 10.2.0.0/24
ip netns exec a ping -c1 -W1 10.2.0.2
ip netns exec a ping -c1 -t1 -W1 10.9.0.2
