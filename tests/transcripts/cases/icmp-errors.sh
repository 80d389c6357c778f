# what routers and hosts answer: host, net, admin, port unreachable, ttl, redirect, and what is silent
for n in left mid right; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -q -w net.ipv6.conf.all.disable_ipv6=1; done
ip link add l0 netns left address 02:00:00:00:01:01 type veth peer name m0 netns mid address 02:00:00:00:01:02
ip link add r0 netns right address 02:00:00:00:02:01 type veth peer name m1 netns mid address 02:00:00:00:02:02
ip -n left addr add 10.1.0.2/24 dev l0; ip -n mid addr add 10.1.0.1/24 dev m0; ip -n mid addr add 10.2.0.1/24 dev m1; ip -n right addr add 10.2.0.2/24 dev r0
for x in left:l0 mid:m0 mid:m1 right:r0; do ip -n ${x%:*} link set ${x#*:} up; done
ip netns exec mid sysctl -q -w net.ipv4.ip_forward=1
ip -n left route add default via 10.1.0.1
ip -n right route add default via 10.2.0.1
sleep 1
ip netns exec left tcpdump -i l0 -U -w l.pcap icmp >/dev/null 2>&1 & sleep 1
ip netns exec left ping -c 1 10.2.0.2
ip netns exec left ping -c 1 -t 1 10.2.0.2
ip netns exec left ping -c 2 -W 1 10.9.0.1
ip -n mid route add unreachable 10.5.0.0/16
ip -n mid route add prohibit 10.6.0.0/16
ip -n mid route add blackhole 10.7.0.0/16
ip -n mid route add throw 10.8.0.0/16
ip netns exec left ping -c 1 -W 1 10.5.0.1
ip netns exec left ping -c 1 -W 1 10.6.0.1
ip netns exec left ping -c 1 -W 1 10.7.0.1
ip netns exec left ping -c 1 -W 1 10.8.0.1
ip netns exec mid ping -c 1 -W 1 10.5.0.1
ip netns exec mid ping -c 1 -W 1 10.7.0.1
ip netns exec left ping -c 1 -W 5 10.2.0.77
ip -n left addr add 10.1.0.3/24 dev l0
ip -n mid route add 10.77.0.0/16 via 10.1.0.3
ip netns exec left ping -c 2 -i 0.2 -W 1 10.77.0.1
ip -n mid route add 10.78.0.0/16 via 10.1.0.9
ip netns exec left ping -c 1 -W 1 10.78.0.1
ip -n left route get 10.78.0.1
ip netns exec left ping -c 1 -W 1 10.78.0.1
ip netns exec left traceroute -n -q 1 -w 1 -m 5 10.2.0.2
ip netns exec left traceroute -n -q 1 -w 1 -m 5 10.5.0.1
ip netns exec left traceroute -n -q 1 -w 1 -m 5 10.6.0.1
ip netns exec left ping -c 1 -W 1 10.2.0.255
ip netns exec left ping -c 1 -W 1 -b 10.1.0.255
ip netns exec mid sysctl -w net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec left ping -c 1 -W 1 -b 10.1.0.255
ip netns exec mid sysctl -w net.ipv4.icmp_echo_ignore_all=1
ip netns exec left ping -c 1 -W 1 10.1.0.1
ip netns exec mid sysctl -w net.ipv4.icmp_echo_ignore_all=0
ip netns exec mid sysctl -w net.ipv4.conf.m0.forwarding=0
ip netns exec mid sysctl net.ipv4.ip_forward net.ipv4.conf.all.forwarding net.ipv4.conf.m1.forwarding
ip netns exec left ping -c 1 -W 1 10.2.0.2
ip netns exec right ping -c 1 -W 1 10.1.0.2
ip netns exec mid sysctl -w net.ipv4.conf.all.forwarding=1
ip netns exec left ping -c 1 -W 1 10.2.0.2
kill %1; wait 2>/dev/null
tcpdump -nr l.pcap 2>/dev/null | cut -d' ' -f2-
tcpdump -vnr l.pcap 'icmp[0] == 3 or icmp[0] == 5 or icmp[0] == 11' 2>/dev/null | sed 's/^[0-9:.]* //; s/10.1.0.2\.[0-9]* >/10.1.0.2.# >/'
