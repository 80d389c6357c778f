# frames on a bridge pass iptables: physdev, the switch of br_netfilter
sysctl -w net.bridge.bridge-nf-call-iptables=1
ip link add br0 address 02:00:00:00:bb:01 type bridge; ip link set br0 up; ip addr add 10.0.0.254/24 dev br0
for i in 1 2 3; do ip netns add c$i; ip link add v$i type veth peer name eth0 netns c$i address 02:00:00:00:cc:0$i; ip link set v$i master br0 up; ip -n c$i link set lo up; ip -n c$i link set eth0 up; ip -n c$i addr add 10.0.0.$i/24 dev eth0; done
sleep 3
iptables -A FORWARD -m physdev --physdev-in v1 --physdev-out v2 -j ACCEPT
iptables -A FORWARD -m physdev --physdev-in v1 --physdev-out v3 -j DROP
iptables -A FORWARD -m physdev --physdev-is-bridged -m comment --comment bridged -j ACCEPT
iptables -A FORWARD -i br0 -o br0
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip netns exec c1 ping -c 1 -W 1 10.0.0.3
ip netns exec c2 ping -c 1 -W 1 10.0.0.3
iptables -L FORWARD -n -v
sysctl -w net.bridge.bridge-nf-call-iptables=0
ip netns exec c1 ping -c 1 -W 1 10.0.0.3
iptables -L FORWARD -n -v
sysctl -a 2>/dev/null | grep bridge-nf
sysctl -qw net.bridge.bridge-nf-call-iptables=1; iptables -F FORWARD; iptables -P FORWARD DROP
ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip netns exec c1 ping -c 1 -W 1 10.0.0.254
ip link set br0 type bridge nf_call_iptables 1; ip -d link show br0 | grep -o 'nf_call_[a-z0-9]* [01]'
sysctl -qw net.bridge.bridge-nf-call-iptables=0; ip netns exec c1 ping -c 1 -W 1 10.0.0.2
ip link set br0 type bridge nf_call_iptables 0; ip netns exec c1 ping -c 1 -W 1 10.0.0.2
iptables -A INPUT -m physdev --physdev-in v1 -j DROP; ip netns exec c1 ping -c 1 -W 1 10.0.0.254; iptables -L INPUT -n -v
iptables -A OUTPUT -m physdev --physdev-out v1 -j DROP
iptables -A FORWARD -m physdev ! --physdev-in v+ -j LOG --log-prefix "odd: "; iptables -A FORWARD -m physdev --physdev-is-in --physdev-is-out -j RETURN
iptables -S; iptables -A FORWARD -m physdev -j DROP
