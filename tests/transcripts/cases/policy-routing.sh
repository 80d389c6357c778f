# a host with two uplinks: rules decide by source, mark and device, and traffic obeys
for n in host up1 up2; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1; done
ip link add e1 netns host address 02:00:00:00:01:01 type veth peer name w1 netns up1 address 02:00:00:00:01:02
ip link add e2 netns host address 02:00:00:00:02:01 type veth peer name w2 netns up2 address 02:00:00:00:02:02
ip -n host addr add 10.1.0.1/24 dev e1; ip -n host addr add 10.2.0.1/24 dev e2; ip -n up1 addr add 10.1.0.254/24 dev w1; ip -n up2 addr add 10.2.0.254/24 dev w2
for x in host:e1 host:e2 up1:w1 up2:w2; do ip -n ${x%:*} link set ${x#*:} up; done
ip -n up1 addr add 8.8.8.8/32 dev lo; ip -n up2 addr add 8.8.8.8/32 dev lo
ip -n host route add default via 10.1.0.254
ip -n host route add default via 10.2.0.254 metric 100
sleep 1
ip -n host route
ip netns exec host ping -c 1 8.8.8.8
ip netns exec host traceroute -n -q 1 -w 1 8.8.8.8
ip netns exec host ping -c 1 -W 1 -I 10.2.0.1 8.8.8.8
ip -n up1 -s link show w1 | sed -n 4p | awk '{print $2}'
ip -n host rule add from 10.2.0.1 table 200
ip -n host route add default via 10.2.0.254 table 200
ip netns exec host ping -c 1 -W 1 -I 10.2.0.1 8.8.8.8
ip -n host route get 8.8.8.8 from 10.2.0.1
ip -n host route get 8.8.8.8
ip netns exec host ping -c 1 -W 1 -I e2 8.8.8.8
ip -n host rule add fwmark 7 table 200
ip netns exec host ping -c 1 -m 7 8.8.8.8
ip -n host route get 8.8.8.8 mark 7
ip -n host rule add to 9.9.9.0/24 blackhole
ip netns exec host ping -c 1 -W 1 9.9.9.9
ip -n host rule add to 9.9.8.0/24 unreachable
ip netns exec host ping -c 1 -W 1 9.9.8.9
ip -n host rule add to 9.9.7.0/24 prohibit
ip netns exec host ping -c 1 -W 1 9.9.7.9
ip -n host rule
ip -n host route del default
ip netns exec host ping -c 1 -W 1 8.8.8.8
ip -n host route
ip -n host link set e2 down
ip -n host route show table 200
ip -n host rule
ip netns exec host ping -c 1 -W 1 -I 10.2.0.1 8.8.8.8
ip -n host link set e2 up
ip -n host route show table 200
ip -n host route add 8.8.8.8 nexthop via 10.1.0.254 nexthop via 10.2.0.254
sleep 1
ip netns exec host ping -c 1 8.8.8.8
ip -n host rule del fwmark 7
ip -n host rule del from 10.2.0.1
ip -n host rule
ip netns exec up1 ping -c 1 -W 1 10.2.0.1
ip -n up1 route add 10.2.0.0/24 via 10.1.0.1
ip netns exec up1 ping -c 1 -W 1 10.2.0.1
ip netns exec up1 ping -c 1 -W 1 10.2.0.254
