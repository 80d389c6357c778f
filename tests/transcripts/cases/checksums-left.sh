# sums that nobody has added up yet, behind a router with NAT, in a tunnel, in fragments, of a reset
for n in a r b; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1; done
ip link add a0 netns a address 02:00:00:00:01:01 type veth peer name r0 netns r address 02:00:00:00:01:02
ip link add b0 netns b address 02:00:00:00:02:01 type veth peer name r1 netns r address 02:00:00:00:02:02
ip -n a addr add 10.1.0.2/24 dev a0; ip -n r addr add 10.1.0.1/24 dev r0; ip -n r addr add 10.2.0.1/24 dev r1; ip -n b addr add 10.2.0.2/24 dev b0
for l in a:a0 r:r0 r:r1 b:b0; do ip -n ${l%:*} link set ${l#*:} up; done
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip netns exec r iptables -t nat -A POSTROUTING -o r1 -j MASQUERADE
ip netns exec b iptables -A INPUT -p tcp --dport 90 -j REJECT --reject-with tcp-reset
ip netns exec a ping -c 1 10.2.0.2
ip netns exec b tcpdump -i b0 -U -w b.pcap >/dev/null 2>&1 & T=$!; ip netns exec a tcpdump -i a0 -U -w a.pcap >/dev/null 2>&1 & U=$!; sleep 1
(ip netns exec b timeout 20 nc -n -l -p 81 > got.txt) & sleep 1
echo hello | ip netns exec a nc -n -q 1 -w 3 10.2.0.2 81
ip netns exec a nc -n -z -w 1 10.2.0.2 90
ip netns exec a nc -n -z -w 1 10.2.0.2 91
echo query | ip netns exec a nc -n -u -p 4000 -q 1 -w 1 10.2.0.2 54
head -c 3000 /dev/zero | ip netns exec a nc -n -u -p 4001 -q 1 -w 1 10.2.0.2 55
ip netns exec a traceroute -n -q 1 -m 1 -w 1 10.2.0.2 | wc -l
sleep 1
kill $T $U; wait $T $U 2>/dev/null
for f in a b; do tcpdump -nvvr $f.pcap 'tcp port 81' 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*'; done
tcpdump -nvvr b.pcap 'tcp port 90' 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*' | sed 's/0x[0-9a-f]* (correct/X (correct/'
tcpdump -nvvr b.pcap 'tcp port 91' 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*' | sed 's/0x[0-9a-f]* (correct/X (correct/'
for f in a b; do tcpdump -nvvr $f.pcap 'udp port 54' 2>/dev/null | grep -o '\[[a-z ]*udp[a-z ]*.*UDP' | sed 's/-> 0x[0-9a-f]*/-> X/'; done
tcpdump -nvvr a.pcap 'icmp[0] == 3' 2>/dev/null | grep -o 'udp[a-z ]*.*UDP' | sed 's/cksum 0x[0-9a-f]* -> 0x[0-9a-f]*/cksum X/'
tcpdump -nvvr b.pcap 'udp port 55 or (ip[6:2] & 0x1fff != 0)' 2>/dev/null | grep -c 'udp sum ok'
ip -n a link add vx0 address 02:00:00:00:0a:01 type vxlan id 5 dstport 4789 local 10.1.0.2 remote 10.2.0.2; ip -n a addr add 10.9.0.1/24 dev vx0; ip -n a link set vx0 up
ip netns exec r iptables -t nat -F
ip -n b link add vx0 address 02:00:00:00:0b:01 type vxlan id 5 dstport 4789 local 10.2.0.2 remote 10.1.0.2; ip -n b addr add 10.9.0.2/24 dev vx0; ip -n b link set vx0 up
ip netns exec b tcpdump -i b0 -U -w b.pcap >/dev/null 2>&1 & T=$!; ip netns exec b tcpdump -i vx0 -U -w v.pcap >/dev/null 2>&1 & U=$!; sleep 1
(ip netns exec b timeout 20 nc -n -l -p 81 > got.txt) & sleep 1
echo hello | ip netns exec a nc -n -q 1 -w 3 10.9.0.2 81
sleep 1
kill $T $U; wait $T $U 2>/dev/null
tcpdump -nvvr b.pcap 'udp port 4789' 2>/dev/null | grep -o -e 'cksum 0x[0-9a-f]* ([a-z]*' -e '\[.*udp.*VXLAN' -e '\[no cksum\]' | sed 's/0x[0-9a-f]* -> 0x[0-9a-f]*/X/'
tcpdump -nvvr v.pcap tcp 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*'
ip netns exec a tcpdump -i lo -U -w l.pcap >/dev/null 2>&1 & T=$!; sleep 1
echo query | ip netns exec a nc -n -u -p 4000 -q 1 -w 1 127.0.0.1 54
ip netns exec a nc -n -z -w 1 127.0.0.1 90
sleep 1
kill $T; wait $T 2>/dev/null
tcpdump -nvvr l.pcap 'tcp or udp' 2>/dev/null | grep -o -e 'cksum 0x[0-9a-f]* ([a-z]*' -e '\[.*udp.*UDP' | sed 's/0x[0-9a-f]* (correct/X (correct/'
