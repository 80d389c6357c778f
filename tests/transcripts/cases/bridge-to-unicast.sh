# mcast_to_unicast: a listener behind such a port gets the group with its own address
ip link add br0 address 02:00:00:00:00:f0 type bridge mcast_snooping 1 mcast_querier 1 mcast_query_response_interval 100
for n in a b c; do ip netns add $n; ip link add v$n type veth peer name eth0 netns $n; ip link set v$n master br0 up; done
ip -n a link set eth0 address 02:00:00:00:00:0a up
ip -n b link set eth0 address 02:00:00:00:00:0b up
ip -n c link set eth0 address 02:00:00:00:00:0c up
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n c addr add 10.0.0.3/24 dev eth0
ip -n a route add 224.0.0.0/4 dev eth0
ip link set br0 up
bridge link set dev vb mcast_to_unicast on
sleep 5
ip -n b addr add 239.1.1.1/32 dev eth0 autojoin
sleep 2
ip -n c addr add 239.1.1.1/32 dev eth0 autojoin
sleep 4
bridge mdb show dev br0 | grep 239 | sort
ip netns exec b tcpdump -lnne -i eth0 -c 1 icmp > /tmp/b.txt 2>/dev/null &
ip netns exec c tcpdump -lnne -i eth0 -c 1 icmp > /tmp/c.txt 2>/dev/null &
sleep 1
ip netns exec a ping -c 1 -W 1 239.1.1.1 > /dev/null
sleep 1
cut -d' ' -f2-9 /tmp/b.txt /tmp/c.txt
