# a bridge answers ARP and ND in the name of known neighbours, and keeps the questions from ports
ip netns add h1
ip netns add h2
ip netns add h3
ip link add br0 type bridge
ip link set br0 address 02:00:00:00:00:99
ip link set br0 up
for i in 1 2 3; do ip link add p$i type veth peer name eth0 netns h$i; ip link set p$i master br0 up; ip -n h$i link set eth0 address 02:00:00:00:00:0$i; ip -n h$i addr add 10.0.0.$i/24 dev eth0; ip -n h$i addr add fd00::$i/64 dev eth0 nodad; ip -n h$i link set eth0 up; done
sleep 3
bridge link set dev p2 neigh_suppress on
bridge -d link show dev p2 | grep -o 'neigh_suppress [a-z]*'
ip netns exec h1 tcpdump -tn -e -l -i eth0 'arp or (icmp6 and ip6[40] >= 135)' > h1.txt 2>/dev/null &
ip netns exec h2 tcpdump -tn -e -l -i eth0 'arp or (icmp6 and ip6[40] >= 135)' > h2.txt 2>/dev/null &
sleep 1
ip netns exec h1 ping -c 1 -W 1 10.0.0.2
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev br0
ip -6 neigh add fd00::2 lladdr 02:00:00:00:00:02 dev br0
ip netns exec h1 ip neigh flush dev eth0
ip netns exec h1 ping -c 1 -W 1 10.0.0.2
ip netns exec h2 ping -c 1 -W 1 10.0.0.1
ip netns exec h1 ping -c 1 -W 1 fd00::2
ip netns exec h3 arping -c 2 -w 3 -I eth0 10.0.0.2
ip netns exec h3 arping -c 1 -w 2 -I eth0 10.0.0.77
ip netns exec h3 arping -U -c 1 -w 2 -I eth0 10.0.0.3
ip addr add 10.0.0.99/24 dev br0
ip netns exec h3 ping -c 1 -W 1 10.0.0.99
sleep 1
kill %1 %2
sleep 1
cat h1.txt
cat h2.txt
ip link set p2 type bridge_slave neigh_suppress off
ip link set p1 type bridge_slave proxy_arp on
ip netns exec h1 arping -c 1 -w 2 -I eth0 10.0.0.2
ip netns exec h1 arping -c 1 -w 2 -I eth0 10.0.0.3
ip netns exec h3 arping -c 1 -w 2 -I eth0 10.0.0.1
ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev br0
ip netns exec h3 arping -c 1 -w 2 -I eth0 10.0.0.1
ip link set p1 type bridge_slave proxy_arp off
ip link set p2 type bridge_slave proxy_arp_wifi on
ip netns exec h3 arping -c 2 -w 3 -I eth0 10.0.0.2
ip netns exec h3 arping -c 1 -w 2 -I eth0 10.0.0.1
