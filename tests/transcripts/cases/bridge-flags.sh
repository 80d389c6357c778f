# what each port flag does to traffic: flood, mcast_flood, bcast_flood, learning, hairpin, isolated, guard, locked
ip link add br0 address 02:00:00:00:00:f0 type bridge mcast_snooping 0
for i in 1 2 3; do ip netns add n$i; ip link add v$i address 02:00:00:00:01:0$i type veth peer name e0 netns n$i address 02:00:00:00:00:0$i; ip netns exec n$i sysctl -q -w net.ipv6.conf.e0.disable_ipv6=1; sysctl -q -w net.ipv6.conf.v$i.disable_ipv6=1; ip link set v$i master br0 up; ip -n n$i link set e0 up; ip -n n$i addr add 10.0.0.$i/24 dev e0; done
sysctl -q -w net.ipv6.conf.br0.disable_ipv6=1
ip link set br0 up
sleep 2
ip netns exec n1 ping -c 1 10.0.0.2
ip netns exec n3 tcpdump -i e0 -U -w c.pcap >/dev/null 2>&1 & sleep 1
ip link set v2 type bridge_slave learning off flood off
bridge fdb show br br0 | grep -v -e permanent -e self
bridge fdb del 02:00:00:00:00:02 dev v2 master
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip link set v2 type bridge_slave flood on
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip link set v2 type bridge_slave learning on
ip netns exec n2 ping -c 1 10.0.0.1
ip link set v2 type bridge_slave bcast_flood off
ip -n n1 neigh flush all
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip link set v2 type bridge_slave bcast_flood on
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip link set v3 type bridge_slave mcast_flood off
ip netns exec n1 ping -c 1 -W 1 -I e0 224.0.0.99
ip netns exec n1 ping -c 1 -W 1 -I e0 224.0.0.1
ip link set v3 type bridge_slave mcast_flood on
ip netns exec n1 ping -c 1 -W 1 -I e0 224.0.0.98
ip link set v2 type bridge_slave isolated on
ip link set v1 type bridge_slave isolated on
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip netns exec n1 ping -c 1 -W 1 10.0.0.3
ip link set v1 type bridge_slave isolated off
ip link set v2 type bridge_slave locked on learning off
bridge fdb del 02:00:00:00:00:02 dev v2 master
ip netns exec n2 ping -c 1 -W 1 10.0.0.1
bridge fdb add 02:00:00:00:00:02 dev v2 master static
ip netns exec n2 ping -c 1 -W 1 10.0.0.1
ip link set v2 type bridge_slave locked off learning on
bridge link set dev v1 state blocking
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
bridge link
bridge link set dev v1 state forwarding
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
kill %1; wait 2>/dev/null
tcpdump -enr c.pcap 2>/dev/null | cut -d' ' -f2-
ip netns exec n1 ip -s neigh show 10.0.0.2 | wc -l
ip link add h0 address 02:00:00:00:02:01 type veth peer name h1 address 02:00:00:00:02:02
ip link set h0 master br0 up
ip link set h1 up
ip link set h0 type bridge_slave hairpin on
tcpdump -i h1 -U -w h.pcap arp >/dev/null 2>&1 & sleep 1
ip addr add 10.0.0.9/24 dev h1
arping -c 1 -w 1 -I h1 10.0.0.77
ip link set h0 type bridge_slave hairpin off
arping -c 1 -w 1 -I h1 10.0.0.77
kill %1; wait 2>/dev/null
tcpdump -enr h.pcap 2>/dev/null | cut -d' ' -f2-
