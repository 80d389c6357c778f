# ip -s link: what is counted where
ip netns add peer
ip link add br0 address 02:00:00:00:00:f0 type bridge mcast_snooping 0
for n in 1 2; do ip netns add n$n; ip link add v$n address 02:00:00:00:01:0$n type veth peer name e0 netns n$n address 02:00:00:00:00:0$n; sysctl -q -w net.ipv6.conf.v$n.disable_ipv6=1; ip netns exec n$n sysctl -q -w net.ipv6.conf.e0.disable_ipv6=1; ip link set v$n master br0; done
sysctl -q -w net.ipv6.conf.br0.disable_ipv6=1
ip link set br0 up; for n in 1 2; do ip link set v$n up; ip -n n$n link set e0 up; ip -n n$n addr add 10.0.0.$n/24 dev e0; done
sleep 1
ip -s link show v1
ip netns exec n1 ping -c 1 10.0.0.2
ip -n n1 -s link show e0
ip -n n2 -s link show e0
ip -s link show v1
ip -s link show v2
ip -s link show br0
ip netns exec n1 ping -c 3 -i 0.1 -s 1000 10.0.0.2
ip -s link show v1
ip netns exec n1 ping -c 1 -s 3000 10.0.0.2
ip -s link show v1
ip netns exec n1 ping -c 1 10.0.0.77
ip -s link show v2
ip -n n2 -s link show e0
ip -s link show br0
ip addr add 10.0.0.100/24 dev br0
ping -c 1 10.0.0.1
ip -s link show br0
ip -s -s link show br0
ip -n n1 -s -s link show e0
ip -n n2 link set e0 down
ip -n n2 -s link show e0
ip netns exec n1 ping -c 1 10.0.0.2
ip -s link show v2
ip -s -h link show v1
ping -c 2 -i 0.1 127.0.0.1
ip -s link show lo
ip -s -j link show v1
ip -n n2 link set e0 up
ip -s -s link show v2
ip -s addr show lo
ethtool -S v1
ip netns exec n1 ping -c 1 -b -W 1 10.0.0.255
ip -n n2 -s link show e0
ifconfig v1
ifconfig lo
