# checksums that are left to the device, as a capture shows them
ip netns add p
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns p address 02:00:00:00:00:02
sysctl -q -w net.ipv6.conf.va.disable_ipv6=1
ip netns exec p sysctl -q -w net.ipv6.conf.vb.disable_ipv6=1
ip link set va up; ip -n p link set vb up; ip -n p link set lo up
ip addr add 10.0.0.1/24 dev va; ip -n p addr add 10.0.0.2/24 dev vb
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev va
ip -n p neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev vb
sleep 2
tcpdump -i va -U -w f.pcap >/dev/null 2>&1 & T=$!; ip netns exec p tcpdump -i vb -U -w g.pcap >/dev/null 2>&1 & U=$!; sleep 1
(ip netns exec p timeout 20 nc -n -l -p 81 > got.txt) & sleep 1
echo hello | nc -n -q 1 -w 3 10.0.0.2 81
echo query | nc -n -u -p 4000 -q 1 -w 1 10.0.0.2 54
traceroute -n -q 1 -m 1 -w 1 10.0.0.2 | tail -1
ping -c 1 10.0.0.2
sleep 1
kill $T $U; wait $T $U 2>/dev/null
tcpdump -nvr f.pcap tcp 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*' | sed 's/0x[0-9a-f]* (correct/X (correct/'
tcpdump -nvr g.pcap tcp 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*' | sed 's/0x[0-9a-f]* (correct/X (correct/'
tcpdump -nvr f.pcap udp 2>/dev/null | grep -o '\[.*udp.*\] UDP'
tcpdump -nvr g.pcap udp 2>/dev/null | grep -o '> 10.*'
tcpdump -nvr f.pcap icmp 2>/dev/null | grep -c wrong
ethtool -K va tx off >/dev/null
tcpdump -i va -U -w f.pcap >/dev/null 2>&1 & T=$!; sleep 1
(ip netns exec p timeout 20 nc -n -l -p 82 > got.txt) & sleep 1
echo hello | nc -n -q 1 -w 3 10.0.0.2 82
echo query | nc -n -u -p 4000 -q 1 -w 1 10.0.0.2 54
sleep 1
kill $T; wait $T 2>/dev/null
tcpdump -nvr f.pcap tcp 2>/dev/null | grep -o 'cksum 0x[0-9a-f]* ([a-z]*' | sed 's/0x[0-9a-f]* (correct/X (correct/'
tcpdump -nvr f.pcap udp 2>/dev/null | grep -o '\[.*udp.*\] UDP'
