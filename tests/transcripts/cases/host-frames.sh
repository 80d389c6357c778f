# what a host says on its own: MLD, DAD, router solicitations, IGMP, in which order
ip netns add peer
ip netns exec peer sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip -n peer link set vb up
ip netns exec peer tcpdump -i vb -U -w a.pcap >/dev/null 2>&1 & sleep 1
ip link set va up
sleep 15
kill %1; wait 2>/dev/null
tcpdump -enr a.pcap 2>/dev/null | cut -d' ' -f2- | sort | uniq -c
tcpdump -nr a.pcap 'icmp6[0] == 135' 2>/dev/null | cut -d' ' -f2-
tcpdump -nvr a.pcap 'icmp6[0] == 135' 2>/dev/null | cut -d' ' -f2- | grep -v 0x0000
tcpdump -nvr a.pcap 'icmp6[0] == 133' 2>/dev/null | cut -d' ' -f2- | head -4
tcpdump -nr a.pcap 'icmp6 and ip6[40] == 133' 2>/dev/null | wc -l
ip netns exec peer tcpdump -i vb -U -w b.pcap >/dev/null 2>&1 & sleep 1
ip addr add 10.0.0.1/24 dev va
ip addr add fd00::1/64 dev va
sleep 4
kill %1; wait 2>/dev/null
tcpdump -enr b.pcap 2>/dev/null | cut -d' ' -f2- | grep -v 'router solicitation' | sort | uniq -c
ip maddr show va
ip -6 maddr show dev va
ip -4 maddr show dev va
ip maddr
ip -j maddr show va
ip maddr add 01:00:5e:00:00:09 dev va
ip maddr add 33:33:00:00:00:09 dev va
ip maddr show va
ip maddr del 01:00:5e:00:00:09 dev va
ip maddr del 01:00:5e:00:00:77 dev va
ip maddr add 224.0.0.9 dev va
ip maddr foo
ip netns exec peer tcpdump -i vb -U -w c.pcap >/dev/null 2>&1 & sleep 1
ip addr del fd00::1/64 dev va
ip link set va down
ip link set va up
sleep 4
kill %1; wait 2>/dev/null
tcpdump -enr c.pcap 2>/dev/null | cut -d' ' -f2- | grep -v 'router solicitation' | sort | uniq -c
