# tcpdump: hex, ASCII, verbose, link-level printing of a fixed exchange
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
sysctl -q -w net.ipv6.conf.va.disable_ipv6=1; ip netns exec peer sysctl -q -w net.ipv6.conf.vb.disable_ipv6=1
ip link set va up; ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va; ip -n peer addr add 10.0.0.2/24 dev vb
sleep 1
tcpdump -i va -U -w c.pcap >/dev/null 2>&1 & sleep 1
arping -c 1 -I va 10.0.0.2
ping -c 1 -e 77 -p 61 -s 10 10.0.0.2
ping -c 1 -e 77 -p 62 -s 0 -M dont 10.0.0.2
sleep 1
kill %1; wait 2>/dev/null
c() { sed 's/^[0-9:.]* //; s/id [0-9]*,/id #,/' ; }
tcpdump -nr c.pcap arp 2>/dev/null | c
tcpdump -x -nr c.pcap arp 2>/dev/null | c
tcpdump -xx -nr c.pcap arp 2>/dev/null | c
tcpdump -X -nr c.pcap arp 2>/dev/null | c
tcpdump -XX -nr c.pcap arp 2>/dev/null | c
tcpdump -A -nr c.pcap arp 2>/dev/null | c | head -1
tcpdump -e -nr c.pcap 2>/dev/null | c
tcpdump -v -nr c.pcap icmp 2>/dev/null | c
tcpdump -vvv -nr c.pcap arp 2>/dev/null | c
tcpdump -q -nr c.pcap 2>/dev/null | c
tcpdump -q -e -nr c.pcap 2>/dev/null | c
tcpdump -tn -r c.pcap 2>/dev/null
tcpdump -ttn -r c.pcap -c 1 2>/dev/null | sed 's/^[0-9]*\.[0-9]* /# /'
tcpdump -tttn -r c.pcap -c 1 2>/dev/null
tcpdump -ttttn -r c.pcap -c 1 2>/dev/null | sed 's/^[0-9-]* [0-9:.]* /# /'
tcpdump -tttttn -r c.pcap -c 1 2>/dev/null
tcpdump -# -tnr c.pcap 2>/dev/null
tcpdump -S -nr c.pcap arp 2>/dev/null | c
tcpdump -s 40 -nr c.pcap icmp 2>/dev/null | c
tcpdump -l -nr c.pcap arp 2>/dev/null | c
tcpdump -K -nr c.pcap arp 2>/dev/null | c
tcpdump -N -r c.pcap arp 2>/dev/null | c
tcpdump -r c.pcap 2>/dev/null arp | c
tcpdump -i va -c 1 -n arp 2>&1 & sleep 1; arping -c 1 -I va 10.0.0.2; wait
tcpdump -i va -c 2 -n icmp 2>&1 | sed 's/^[0-9:.]* IP/# IP/' & sleep 1; ping -c 1 10.0.0.2; wait
tcpdump -i any -c 2 -n icmp 2>&1 | sed 's/^[0-9:.]* //' & sleep 1; ping -c 1 10.0.0.2; wait
tcpdump -i lo -c 2 -ne icmp 2>&1 | sed 's/^[0-9:.]* //' & sleep 1; ping -c 1 127.0.0.1; wait
tcpdump -i va -n -Q in icmp -c 1 2>/dev/null | sed 's/^[0-9:.]* //' & sleep 1; ping -c 1 10.0.0.2; wait
tcpdump -D | cut -d' ' -f1 | head -3
tcpdump --list-interfaces | head -2
ip netns exec peer tcpdump -ni vb -c 2 icmp 2>/dev/null | sed 's/^[0-9:.]* //' & sleep 1; ping -c 1 10.0.0.2; wait
timeout 1 tcpdump -ni va icmp 2>&1
tcpdump -L -i va
