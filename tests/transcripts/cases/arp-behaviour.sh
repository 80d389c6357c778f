# what ARP answers: foreign subnets, arp_ignore, arp_announce, proxy_arp, gratuitous, duplicates
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
ip netns exec peer sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
ip link set va up; ip link set vc up; ip link set vd up; ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va
ip addr add 10.5.0.1/24 dev vc
ip -n peer addr add 10.0.0.2/24 dev vb
sleep 1
ip netns exec peer tcpdump -i vb -U -w c.pcap >/dev/null 2>&1 & sleep 1
ip netns exec peer arping -c 1 -I vb 10.0.0.1
ip netns exec peer arping -c 1 -I vb 10.5.0.1
sysctl -w net.ipv4.conf.va.arp_ignore=1
ip netns exec peer arping -c 1 -w 1 -I vb 10.5.0.1
ip netns exec peer arping -c 1 -w 1 -I vb 10.0.0.1
sysctl -w net.ipv4.conf.va.arp_ignore=8
ip netns exec peer arping -c 1 -w 1 -I vb 10.0.0.1
sysctl -w net.ipv4.conf.va.arp_ignore=0
ip netns exec peer arping -c 1 -w 1 -I vb 10.77.0.1
sysctl -w net.ipv4.conf.va.proxy_arp=1
ip netns exec peer arping -c 1 -w 1 -I vb 10.5.0.9
sysctl -w net.ipv4.ip_forward=1
ip netns exec peer arping -c 1 -w 2 -I vb 10.5.0.9
ip netns exec peer arping -c 1 -w 2 -I vb 10.77.0.1
ip netns exec peer arping -c 1 -w 1 -I vb 10.0.0.50
ip neigh add proxy 10.0.0.50 dev va
ip netns exec peer arping -c 1 -w 2 -I vb 10.0.0.50
ip neigh
ip -n peer neigh
ip netns exec peer arping -D -c 1 -I vb 10.0.0.1
ip netns exec peer arping -D -c 1 -w 1 -I vb 10.0.0.66
ip netns exec peer arping -U -c 1 -I vb 10.0.0.2
ip neigh
ip netns exec peer arping -A -c 1 -I vb 10.0.0.2
ip neigh
ping -c 1 10.0.0.2
ip -n peer link set vb address 02:00:00:00:00:22
ip neigh show 10.0.0.2
ip netns exec peer arping -U -c 1 -I vb 10.0.0.2
ip neigh show 10.0.0.2
ip netns exec peer arping -A -c 1 -I vb 10.0.0.33
ip neigh show 10.0.0.33
sysctl -w net.ipv4.conf.va.arp_accept=1
ip netns exec peer arping -U -c 1 -s 10.0.0.34 -I vb 10.0.0.34
ip -n peer addr add 10.0.0.35/24 dev vb
ip netns exec peer arping -U -c 1 -I vb 10.0.0.35
ip neigh show 10.0.0.35
sysctl -w net.ipv4.conf.va.arp_notify=1
ip link set va down
ip link set va up
ip addr add 10.0.0.7/24 dev va
ping -c 1 -I 10.5.0.1 10.0.0.2
ip neigh flush all
ping -c 1 -W 1 -I 10.5.0.1 10.0.0.35
sysctl -w net.ipv4.conf.va.arp_announce=2
ip neigh flush all
ping -c 1 -W 1 -I 10.5.0.1 10.0.0.35
ip -n peer addr add 10.0.0.1/24 dev vb
ping -c 1 -W 1 10.0.0.2
kill %1; wait 2>/dev/null
tcpdump -enr c.pcap arp 2>/dev/null | cut -d' ' -f2-
