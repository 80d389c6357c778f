# Recorded on Linux 6.1 (Debian's user-mode kernel): what a VLAN-aware bridge lets through.
for n in a b c t; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; done
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1
ip link set br0 up
for n in a b c t; do ip link add p$n type veth peer name eth0 netns $n; ip link set p$n master br0 up; ip -n $n link set eth0 up; done
ip -n a link set eth0 address 02:00:00:00:00:0a
ip -n b link set eth0 address 02:00:00:00:00:0b
ip -n c link set eth0 address 02:00:00:00:00:0c
ip -n t link set eth0 address 02:00:00:00:00:0d
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n c addr add 10.0.0.3/24 dev eth0
P='ping -c 1 -W 1'
cut() { sed 's/time=.*/time/; s/time .*//; s/rtt.*//'; }
ip netns exec a $P 10.0.0.2 | cut
bridge vlan add dev pa vid 10 pvid untagged
bridge vlan del dev pa vid 1
ip netns exec a $P 10.0.0.2 | cut
bridge vlan add dev pb vid 10 pvid untagged
ip netns exec a $P 10.0.0.2 | cut
ip netns exec a $P 10.0.0.3 | cut
bridge fdb show br br0 | grep 02:00:00:00:00:0
bridge vlan add dev pt vid 10
bridge vlan add dev pt vid 20
ip -n t link add link eth0 name eth0.10 type vlan id 10
ip -n t link add link eth0 name eth0.20 type vlan id 20
ip -n t addr add 10.0.0.4/24 dev eth0.10
ip -n t link set eth0.10 up
ip -n t link set eth0.20 up
ip netns exec a $P 10.0.0.4 | cut
ip netns exec c $P 10.0.0.4 | cut
(timeout 9 ip netns exec t tcpdump -nei eth0 -c 2 2>/dev/null not arp & sleep 4; ip netns exec a ping -c 1 10.0.0.4 >/dev/null; wait)
bridge fdb show br br0 | grep 02:00:00:00:00:0
bridge -s vlan show dev pt
bridge vlan add dev br0 vid 10 self
ip addr add 10.0.0.100/24 dev br0
ip netns exec a $P 10.0.0.100 | cut
ip netns exec c $P 10.0.0.100 | cut
ip addr del 10.0.0.100/24 dev br0
sleep 4
ip link add link br0 name br0.10 type vlan id 10
ip addr add 10.0.0.100/24 dev br0.10
ip link set br0.10 up
sleep 0.2
ip link show br0.10
ip netns exec a $P 10.0.0.100 | cut
$P 10.0.0.4 | cut
ip netns exec t ip link del eth0.10
ip -n t addr add 10.0.0.4/24 dev eth0
sleep 4
ip neigh flush all
ip -n a neigh flush all
ip netns exec a $P 10.0.0.4 | cut
sleep 4
bridge vlan add dev pt vid 10 untagged
ip netns exec a $P 10.0.0.4 | cut
sleep 4
bridge vlan add dev pt vid 10 untagged pvid
ip netns exec a $P 10.0.0.4 | cut
sleep 4
bridge vlan add dev pt vid 10
ip netns exec a $P 10.0.0.4 | cut
ip link set br0 type bridge vlan_filtering 0
ip netns exec a $P 10.0.0.3 | cut
bridge fdb show br br0 | grep 02:00:00:00:00:0
ip link set br0 type bridge vlan_filtering 1 vlan_stats_enabled 1
ip netns exec a $P 10.0.0.2 | cut
bridge -s vlan show
bridge -j -s vlan show dev pa
ip link del br0
ip link add br1 type bridge
ip link set pa master br1
bridge vlan show
bridge fdb show br br1 | grep -v 33:33 | grep -v 01:00 | cut -d' ' -f2-
