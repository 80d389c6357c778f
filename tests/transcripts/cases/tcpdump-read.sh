# tcpdump: one capture read in every way, filters and their errors
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up; ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va; ip -n peer addr add 10.0.0.2/24 dev vb; ip addr add fd00::1/64 dev va nodad; ip -n peer addr add fd00::2/64 dev vb nodad
sleep 3
tcpdump -i va -U -w c.pcap >/dev/null 2>&1 & sleep 1
ping -c 2 -i 0.2 10.0.0.2
ping -c 1 -s 1600 10.0.0.2
ping -c 1 -p ab -s 20 -t 9 -Q 0x10 10.0.0.2
ping -c 1 fd00::2
traceroute -n -q 1 -m 1 10.0.0.2
arping -c 1 -I va 10.0.0.2
ping -c 1 -W 1 -b 10.0.0.255
ping -c 1 -W 1 -I va 224.0.0.5
sleep 5
kill %1; wait 2>/dev/null
f() { tcpdump -r c.pcap -n "$@" 2>&1 | sed 's/^[0-9:.]* //; s/10.0.0.1\.[0-9]* >/10.0.0.1.# >/; s/seq [0-9]*, win/seq #, win/; s/flowlabel 0x[0-9a-f]*/flowlabel #/' | grep -v -e 'router solicitation' -e 'fe80::' ; }
f
f -e
f -v arp or icmp
f -v udp
f -v 'ip6[40] == 128 or ip6[40] == 136'
f -vv icmp | head -4
f -c 2 icmp
f -q udp
f -q icmp
f -t arp
f host 10.0.0.2
f host 10.0.0.2 and icmp
f src 10.0.0.1 and icmp
f dst host 10.0.0.1 and not arp
f net 10.0.0.0/24 and udp
f port 33434
f udp dst port 33434
f dst portrange 33400-33500
f icmp6
f ip6
f ip6 and not icmp6
f ip proto 1 and greater 200
f less 70 and ip
f 'icmp[0] == 8'
f 'icmp[icmptype] == icmp-echoreply'
f 'ip[8] < 10'
f 'ip[6:2] & 0x1fff != 0'
f ether host 02:00:00:00:00:02 and arp
f ether src 02:00:00:00:00:02 and arp
f ether broadcast
f ether multicast and ip
f broadcast
f multicast and not ip6
f ether proto 0x0806
f vlan
f tcp
f '(icmp or arp) and src 10.0.0.2'
f icmp or arp and src 10.0.0.2
f ip host 10.0.0.255
f '!icmp && !ip6'
f icmp and host
f foo
f icmp and foo bar
f host nosuchhost
f port 99999
f net 10.0.0.1/24
f 'icmp[0] =='
tcpdump -nr nosuch.pcap
tcpdump -nr /dev/null
tcpdump -i nosuch -c 1
tcpdump -Z
tcpdump -nr c.pcap -c 1 2>&1 | head -1
tcpdump -nr c.pcap --count icmp
tcpdump -r c.pcap -n -w d.pcap icmp; tcpdump -nr d.pcap 2>/dev/null | wc -l
