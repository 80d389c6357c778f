# the bridge as a host: address on it, addresses on ports, moving an address, local delivery, chain of bridges
ip netns add a; ip netns add b
for i in 1 2 3; do ip link add br$i address 02:00:00:00:00:f$i type bridge; ip link set br$i up; sysctl -q -w net.ipv6.conf.br$i.disable_ipv6=1; done
ip link add va address 02:00:00:00:01:01 type veth peer name e0 netns a address 02:00:00:00:00:01
ip link add vb address 02:00:00:00:01:02 type veth peer name e0 netns b address 02:00:00:00:00:02
ip link add p12 address 02:00:00:00:01:12 type veth peer name p21 address 02:00:00:00:01:21
ip link add p23 address 02:00:00:00:01:23 type veth peer name p32 address 02:00:00:00:01:32
for x in va:br1 p12:br1 p21:br2 p23:br2 p32:br3 vb:br3; do sysctl -q -w net.ipv6.conf.${x%:*}.disable_ipv6=1; ip link set ${x%:*} master ${x#*:} up; done
for n in a b; do ip netns exec $n sysctl -q -w net.ipv6.conf.e0.disable_ipv6=1; ip -n $n link set e0 up; ip -n $n link set lo up; done
ip -n a addr add 10.0.0.1/24 dev e0; ip -n b addr add 10.0.0.2/24 dev e0
sleep 1
bridge link
ip netns exec a ping -c 1 10.0.0.2
bridge fdb show br br2 | grep -v -e permanent -e 01:00:5e
ip addr add 10.0.0.100/24 dev va
ping -c 1 -W 1 10.0.0.1
ip route get 10.0.0.1
ip netns exec a ping -c 1 -W 1 10.0.0.100
ip neigh
ip addr del 10.0.0.100/24 dev va
ip addr add 10.0.0.101/24 dev br1
ip addr add 10.0.0.102/24 dev br2
ip addr add 10.0.0.103/24 dev br3
ip route
ping -c 1 10.0.0.1
ping -c 1 10.0.0.2
ip netns exec a ping -c 1 10.0.0.101
ip netns exec a ping -c 1 10.0.0.103
ip neigh
ip -n a neigh
ip -n b neigh
arping -c 1 -I br2 10.0.0.1
arping -c 1 -I br3 10.0.0.1
ping -c 1 -I br3 10.0.0.1
ip addr del 10.0.0.101/24 dev br1
ping -c 1 10.0.0.1
ip link set p21 nomaster
ip netns exec a ping -c 1 -W 1 10.0.0.2
ip link set p21 master br2
ip netns exec a ping -c 1 -W 1 10.0.0.2
ip link set br2 down
ip netns exec a ping -c 1 -W 1 10.0.0.2
ip link set br2 up
ip netns exec a ping -c 1 -W 1 10.0.0.2
ip link set va master br3
bridge link show dev va
ip netns exec a ping -c 1 -W 1 10.0.0.2
bridge fdb show br br1 | grep -v -e permanent -e 01:00:5e
ip link del p12
ip -br link | cut -d' ' -f1
ip link set br3 type bridge group_fwd_mask 0
tcpdump -i br3 -c 2 -ne icmp 2>/dev/null | sed 's/^[0-9:.]* //' & sleep 1; ip netns exec a ping -c 1 10.0.0.2; wait
tcpdump -i va -c 2 -ne icmp 2>/dev/null | sed 's/^[0-9:.]* //' & sleep 1; ip netns exec a ping -c 1 10.0.0.2; wait
timeout 2 tcpdump -i br3 -p -c 1 -ne icmp 2>/dev/null | sed 's/^[0-9:.]* //' & sleep 1; ip netns exec a ping -c 1 10.0.0.2; wait
ip netns exec a ping -c 1 10.0.0.103
