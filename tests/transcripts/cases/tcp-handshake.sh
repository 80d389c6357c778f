ip netns add a
ip netns add b
ip link add va netns a type veth peer name vb netns b
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip -n a link set va up
ip -n b link set vb up
ip netns exec a sysctl -qw net.ipv4.tcp_rmem="4096 131072 6291456"
ip netns exec b sysctl -qw net.ipv4.tcp_rmem="4096 131072 6291456"
sleep 1
ip netns exec b tcpdump -n -v -i vb -w cap.pcap 2>/dev/null &
ip netns exec b nc -l -p 80 > got &
sleep 1
ip netns exec b ss -tln
ip netns exec b ss -tlnH
ip netns exec b netstat -tln
echo hi | ip netns exec a nc -q 1 10.0.0.2 80; echo "status $?"
sleep 1
cat got
ip netns exec a ss -tan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b ss -tan
ip netns exec a netstat -tan | sed -E 's/10.0.0.1:[0-9]+ */10.0.0.1:P /'
kill %1; wait %1
tcpdump -n -S -r cap.pcap tcp 2>/dev/null | sed -E 's/(seq|ack|val|ecr) [0-9]+/\1 N/g; s/seq N:[0-9]+/seq N:N/; s/ (a|10)/ \1/; s/10.0.0.1.[0-9]+/10.0.0.1.P/'
tcpdump -n -r cap.pcap -c 8 tcp 2>/dev/null | cut -d' ' -f 3- | sed -E 's/(seq|ack|val|ecr) [0-9]{5,}/\1 N/g; s/10.0.0.1.[0-9]+/10.0.0.1.P/; s/(val|ecr) [0-9]+/\1 N/g'
ip netns exec a nc -zn 10.0.0.2 81; echo "status $?"
ip netns exec a timeout 5 nc -zn 10.0.0.77 81; echo "status $?"
