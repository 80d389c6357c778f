# traceroute: a chain of three routers, every option, and what is in the way
for n in a r1 r2 r3 z; do ip netns add $n; ip -n $n link set lo up; done
for n in r1 r2 r3; do ip netns exec $n sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0; done
ip netns exec z sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
ip link add e0 netns a address 02:00:00:00:01:01 type veth peer name e0 netns r1 address 02:00:00:00:01:02
ip link add e1 netns r1 address 02:00:00:00:02:01 type veth peer name e0 netns r2 address 02:00:00:00:02:02
ip link add e1 netns r2 address 02:00:00:00:03:01 type veth peer name e0 netns r3 address 02:00:00:00:03:02
ip link add e1 netns r3 address 02:00:00:00:04:01 type veth peer name e0 netns z address 02:00:00:00:04:02
for x in a:e0:1.1 r1:e0:1.2 r1:e1:2.1 r2:e0:2.2 r2:e1:3.1 r3:e0:3.2 r3:e1:4.1 z:e0:4.2; do IFS=: read n d h <<< $x; ip -n $n addr add 10.0.$h/24 dev $d; ip -n $n addr add fd00:${h%.*}::${h#*.}/64 dev $d nodad; ip -n $n link set $d up; done
ip -n a route add default via 10.0.1.2; ip -n r1 route add default via 10.0.2.2; ip -n r2 route add default via 10.0.3.2; ip -n r2 route add 10.0.1.0/24 via 10.0.2.1; ip -n r3 route add default via 10.0.3.1; ip -n z route add default via 10.0.4.1
ip -n a -6 route add default via fd00:1::2; ip -n r1 -6 route add default via fd00:2::2; ip -n r2 -6 route add default via fd00:3::2; ip -n r2 -6 route add fd00:1::/64 via fd00:2::1; ip -n r3 -6 route add default via fd00:3::1; ip -n z -6 route add default via fd00:4::1
sleep 3
ip netns exec a ping -c 1 10.0.4.2
ip netns exec a ping -c 1 fd00:4::2
sleep 0.1; ip netns exec a traceroute -n 10.0.4.2
sleep 0.1; ip netns exec a traceroute 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 10.0.4.2
sleep 0.1; ip netns exec a traceroute -I -n -q 2 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -m 2 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -f 3 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -f 3 -m 2 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -s 10.0.1.1 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -s 10.9.9.9 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -i e0 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -i nosuch 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 10.0.4.2 1000
sleep 0.1; ip netns exec a traceroute -n -q 1 -F 10.0.4.2 1400
sleep 0.1; ip netns exec a traceroute -n -q 1 -p 40000 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -q 1 -N 1 10.0.4.2
sleep 0.1; ip netns exec a traceroute -n -w 1 -q 1 -m 6 10.0.4.77
sleep 0.1; ip netns exec a traceroute -n -w 1 -q 1 -m 6 10.77.0.1
sleep 0.1; ip netns exec a traceroute -n -w 1 -q 1 10.0.1.77
sleep 0.1; ip netns exec a traceroute -n -q 1 10.0.1.2
sleep 0.1; ip netns exec a traceroute -n -q 1 10.0.1.1
sleep 0.1; ip netns exec a traceroute -n -q 1 127.0.0.1
sleep 0.1; ip netns exec a traceroute -6 -n -q 1 fd00:4::2
sleep 0.1; ip netns exec a traceroute -n -q 1 fd00:4::2
sleep 0.1; ip netns exec a traceroute -6 -I -n -q 1 fd00:4::2
sleep 0.1; ip netns exec a traceroute -6 -n -q 1 -w 1 -m 4 fd00:9::1
ip -n r2 route add unreachable 10.8.0.0/16
ip -n r2 route add prohibit 10.9.0.0/16
ip -n r2 route add blackhole 10.7.0.0/16
sleep 0.1; ip netns exec a traceroute -n -q 3 -w 1 10.8.0.1
sleep 0.1; ip netns exec a traceroute -n -q 1 -w 1 10.9.0.1
sleep 0.1; ip netns exec a traceroute -n -q 1 -w 1 -m 4 10.7.0.1
sleep 0.1; ip netns exec a traceroute
sleep 0.1; ip netns exec a traceroute nosuchname
sleep 0.1; ip netns exec a traceroute -z
sleep 0.1; ip netns exec a traceroute -q 0 10.0.4.2
sleep 0.1; ip netns exec a traceroute -q 99 10.0.4.2
sleep 0.1; ip netns exec a traceroute -m 0 10.0.4.2
sleep 0.1; ip netns exec a traceroute -m 256 10.0.4.2
sleep 0.1; ip netns exec a traceroute -w abc 10.0.4.2
sleep 0.1; ip netns exec a traceroute -4 -n -q 1 fd00:4::2
ip -n a route del default
sleep 0.1; ip netns exec a traceroute -n -q 1 10.0.4.2
sleep 0.1; ip netns exec a traceroute -T -n -q 1 10.0.1.2
