# a host with two uplinks: policy routing by source, mark and device, fallbacks, metrics
for n in h g1 g2 far; do ip netns add $n; ip -n $n link set lo up; done
i=0; for g in g1 g2; do i=$((i+1)); ip link add e$i netns h address 02:00:00:00:0a:0$i type veth peer name h0 netns $g address 02:00:00:00:0b:0$i; ip -n h addr add 10.0.$i.2/24 dev e$i; ip -n $g addr add 10.0.$i.1/24 dev h0; ip link add f$i netns far address 02:00:00:00:0c:0$i type veth peer name f0 netns $g address 02:00:00:00:0d:0$i; ip -n far addr add 10.9.$i.2/24 dev f$i; ip -n $g addr add 10.9.$i.1/24 dev f0; for l in h:e$i $g:h0 $g:f0 far:f$i; do ip -n ${l%:*} link set ${l#*:} up; done; ip netns exec $g sysctl -qw net.ipv4.ip_forward=1; ip -n far route add 10.0.$i.0/24 via 10.9.$i.1; done
ip -n far addr add 10.99.0.1/32 dev lo
ip -n g1 route add 10.99.0.1 via 10.9.1.2; ip -n g2 route add 10.99.0.1 via 10.9.2.2
sleep 2
ip -n h route add default via 10.0.1.1 metric 100
ip -n h route add default via 10.0.2.1 metric 200
ip -n h route
ip netns exec h ping -c 1 10.99.0.1
ip netns exec h traceroute -n -q 1 -w 1 10.99.0.1
ip -n h route get 10.99.0.1
ip -n h rule add from 10.0.2.2 table 20
ip -n h route add default via 10.0.2.1 table 20
ip -n h route get 10.99.0.1 from 10.0.2.2
ip netns exec h ping -c 1 -I 10.0.2.2 10.99.0.1
ip netns exec h traceroute -n -q 1 -w 1 -s 10.0.2.2 10.99.0.1
ip -n h rule add fwmark 5 lookup 20
ip -n h route get 10.99.0.1 mark 5
ip netns exec h ping -c 1 -m 5 10.99.0.1
ip netns exec h iptables -t mangle -A OUTPUT -p icmp -j MARK --set-mark 5
ip netns exec h ping -c 1 10.99.0.1
ip netns exec h iptables -t mangle -L OUTPUT -n -v
ip -n h rule
ip -n h route show table 20
ip -n h -d rule
ip -n g1 link set h0 down
sleep 1
ip -n h route
ip netns exec h iptables -t mangle -F
ip netns exec h ping -c 1 -W 1 10.99.0.1
ip -n h link set e1 down
ip -n h route
ip netns exec h ping -c 1 -W 1 10.99.0.1
ip netns exec h ping -c 1 -W 1 -I e2 10.99.0.1
ip -n h rule del from 10.0.2.2 table 20
ip -n h rule add from 10.0.2.2 prohibit
ip netns exec h ping -c 1 -W 1 -I 10.0.2.2 10.99.0.1
ip netns exec h ping -c 1 -W 1 10.99.0.1
ip -n h rule add to 10.99.0.1 unreachable prio 10
ip netns exec h ping -c 1 -W 1 10.99.0.1
ip -n h rule del prio 10
ip -n h rule add iif lo blackhole prio 11
ip netns exec h ping -c 1 -W 1 10.99.0.1
ip -n h rule del prio 11
ip -n h rule add to 10.99.0.0/24 lookup 20 suppress_prefixlength 0 prio 12
ip -n h route get 10.99.0.1
ip -n h rule del prio 12
ip netns exec g2 sysctl -qw net.ipv4.conf.f0.rp_filter=1
ip -n far route del 10.0.2.0/24
ip netns exec h ping -c 1 -W 1 10.99.0.1
ip -n far route add 10.0.2.0/24 via 10.9.2.1 mtu 1300
ip netns exec h ping -c 1 -W 1 -s 1400 10.99.0.1
ip netns exec far ping -c 1 -W 1 -s 1400 -M do 10.0.2.2
ip netns exec far ping -c 1 -W 1 -s 1400 10.0.2.2
ip -n far route get 10.0.2.2
ip -n g2 route add 10.0.2.2/32 dev h0 mtu lock 1200
ip netns exec far ping -c 1 -W 1 -s 1200 10.0.2.2
ip -n far route get 10.0.2.2 | sed 's/expires [0-9]*sec/expires N/'
