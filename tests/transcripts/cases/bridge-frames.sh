# what a bridge says on its own ports, and what it learns to know of groups: IGMP, MLD, mdb, snooping
ip netns add n1; ip netns add n2
for n in n1 n2; do ip netns exec $n sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1; done
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add v1 address 02:00:00:00:01:01 type veth peer name e0 netns n1 address 02:00:00:00:00:01
ip link add v2 address 02:00:00:00:01:02 type veth peer name e0 netns n2 address 02:00:00:00:00:02
sysctl -q -w net.ipv6.conf.v1.disable_ipv6=1 net.ipv6.conf.v2.disable_ipv6=1
ip -n n1 link set e0 up; ip -n n2 link set e0 up
ip link set v1 master br0 up; ip link set v2 master br0 up
ip netns exec n1 tcpdump -i e0 -U -w a.pcap >/dev/null 2>&1 & sleep 1
ip link set br0 up
sleep 10
kill %1; wait 2>/dev/null
tcpdump -enr a.pcap 2>/dev/null | cut -d' ' -f2- | grep -v 'router solicitation' | sort | uniq -c
tcpdump -vnr a.pcap ip 2>/dev/null | cut -d' ' -f2- | head -2
tcpdump -vnr a.pcap 'ip6[6] == 0' 2>/dev/null | cut -d' ' -f2- | sort | uniq -c
bridge mdb
ip maddr show br0
ip -n n1 maddr show e0
ip netns exec n1 tcpdump -i e0 -U -w b.pcap >/dev/null 2>&1 & sleep 1
ip addr add 10.0.0.100/24 dev br0
ip -n n2 addr add 10.0.0.2/24 dev e0; ip -n n1 addr add 10.0.0.1/24 dev e0
bridge mdb add dev br0 port v2 grp 239.1.1.1 permanent
bridge mdb show dev br0 | grep 239
ip netns exec n2 ping -c 1 -W 1 -I e0 239.1.1.1
ip netns exec n2 ping -c 1 -W 1 -I e0 239.2.2.2
ip netns exec n2 ping -c 1 -W 1 -I e0 224.0.0.7
sleep 1
kill %1; wait 2>/dev/null
tcpdump -nr b.pcap icmp 2>/dev/null | cut -d' ' -f2-
ip link set br0 type bridge mcast_querier 1
bridge mdb show dev br0 | grep -c 239
sleep 1
ip netns exec n1 tcpdump -i e0 -U -w c.pcap >/dev/null 2>&1 & sleep 1
ip link set br0 down; ip link set br0 up
sleep 3
ip netns exec n2 ping -c 1 -W 1 -I e0 239.1.1.1
ip netns exec n2 ping -c 1 -W 1 -I e0 239.2.2.2
sleep 1
kill %1; wait 2>/dev/null
tcpdump -nr c.pcap ip 2>/dev/null | cut -d' ' -f2- | sort | uniq -c
ip link set br0 type bridge mcast_snooping 0
bridge mdb
ip link set br0 type bridge mcast_snooping 1
ip -d link show br0 | grep -o 'mcast_snooping [01]'
bridge -d mdb show dev br0 | grep 239
bridge -j mdb | head -c 40
bridge -s mdb show dev br0 | grep 239 | wc -l
