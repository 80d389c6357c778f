# hosts on one wire: own address without lo, masks that differ, two subnets, wrong static entries, duplicate addresses
ip link add br0 address 02:00:00:00:00:f0 type bridge; ip link set br0 up
for i in 1 2 3; do ip netns add n$i; ip link add v$i address 02:00:00:00:01:0$i type veth peer name e0 netns n$i address 02:00:00:00:00:0$i; sysctl -q -w net.ipv6.conf.v$i.disable_ipv6=1; ip netns exec n$i sysctl -q -w net.ipv6.conf.e0.disable_ipv6=1; ip link set v$i master br0 up; ip -n n$i link set e0 up; done
ip -n n1 addr add 10.0.0.1/24 dev e0; ip -n n2 addr add 10.0.0.2/16 dev e0; ip -n n3 addr add 10.0.1.3/24 dev e0
sleep 1
ip netns exec n1 ping -c 1 -W 1 10.0.0.1
ip -n n1 link set lo up
ip netns exec n1 ping -c 1 10.0.0.1
ip netns exec n1 ping -c 1 10.0.0.2
ip netns exec n1 ping -c 1 10.0.1.3
ip netns exec n2 ping -c 1 -W 1 10.0.1.3
ip -n n3 neigh
ip -n n3 route add default dev e0
ip netns exec n2 ping -c 1 -W 1 10.0.1.3
ip -n n3 neigh
ip -n n3 route
ip -n n1 addr add 10.0.1.1/24 dev e0
ip netns exec n1 ping -c 1 10.0.1.3
ip netns exec n1 ip route get 10.0.1.3
ip netns exec n3 ping -c 1 10.0.0.1
ip -n n1 neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev e0
ip -n n1 neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev e0
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip netns exec n2 ping -c 1 -W 1 10.0.0.1
ip -n n1 neigh
ip -n n1 neigh del 10.0.0.2 dev e0
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip -n n1 neigh replace 10.0.0.2 lladdr 02:00:00:00:00:03 dev e0 nud permanent
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip netns exec n3 sysctl -w net.ipv4.ip_forward=1
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
ip -n n1 neigh flush all
ip -n n1 neigh del 10.0.0.2 dev e0
ip -n n3 route del default
ip -n n3 addr add 10.0.0.2/24 dev e0
ip netns exec n1 arping -c 1 -w 1 -I e0 10.0.0.2 | sort
ip netns exec n2 arping -D -c 1 -I e0 10.0.0.2
ip -n n3 addr del 10.0.0.2/24 dev e0
ip -n n1 link set e0 promisc on
ip -n n1 link show e0
ip netns exec n1 tcpdump -i e0 -w /dev/null 2>/dev/null & sleep 1
ip -n n1 -d link show e0 | grep -o 'promiscuity [0-9]*'
kill %1; wait 2>/dev/null
ip -n n1 link set e0 promisc off
ip -n n1 -d link show e0 | grep -o 'promiscuity [0-9]*'
ip netns exec n2 tcpdump -i e0 -w /dev/null 2>/dev/null & sleep 1
ip -n n2 link show e0
ip -n n2 -d link show e0 | grep -o 'promiscuity [0-9]*'
kill %1; wait 2>/dev/null
ip -n n1 link set e0 address 02:00:00:00:00:0a
ip netns exec n2 ping -c 1 -W 1 10.0.0.1
bridge fdb show br br0 | grep -v -e permanent -e self
ip netns exec n1 ping -c 1 10.0.0.2
ip netns exec n2 ping -c 1 10.0.0.1
ip -n n2 neigh
bridge fdb show br br0 | grep -v -e permanent -e self
ip netns exec n1 ping -c 1 -W 1 10.0.255.255
ip netns exec n1 ping -c 1 -W 1 10.9.9.9
ip -n n1 route add 10.9.9.9 via 10.0.0.2
ip netns exec n1 ping -c 1 -W 1 10.9.9.9
ip -n n2 addr add 10.9.9.9/32 dev lo
ip netns exec n1 ping -c 1 -W 1 10.9.9.9
ip -n n2 link set lo up
ip netns exec n1 ping -c 1 -W 1 10.9.9.9
ip netns exec n1 ping -c 1 -I 10.0.1.1 10.9.9.9
ip netns exec n1 ping -c 1 -W 1 -I lo 10.0.0.2
