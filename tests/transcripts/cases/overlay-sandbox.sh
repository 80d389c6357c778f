# docker's overlay by hand: sandbox with vxlan and br0, static entries, arp proxy
for h in 1 2; do ip netns add h$h; ip -n h$h link set lo up; done
ip link add u netns h1 address 02:00:00:00:00:a1 type veth peer name u netns h2 address 02:00:00:00:00:a2
for h in 1 2; do ip -n h$h link set u addrgenmode none; ip -n h$h addr add 192.168.1.$h/24 dev u; ip -n h$h link set u up; done
for h in 1 2; do ip netns add ov$h; ip netns add c$h; ip -n ov$h link set lo up; ip -n ov$h link add br0 type bridge; ip -n ov$h link set br0 addrgenmode none; ip -n ov$h addr add 10.0.1.1/24 dev br0; ip -n ov$h link set br0 up; ip -n h$h link add vx-$h type vxlan id 4097 dstport 4789 proxy l2miss l3miss nolearning; ip -n h$h link set vx-$h netns ov$h name vxlan0; ip -n ov$h link set vxlan0 addrgenmode none; ip -n ov$h link set vxlan0 mtu 1450 master br0 up; ip -n ov$h link add veth0 mtu 1450 type veth peer name eth0 netns c$h mtu 1450; ip -n ov$h link set veth0 addrgenmode none; ip -n ov$h link set veth0 master br0 up; ip -n c$h link set eth0 addrgenmode none; ip -n c$h link set eth0 address 02:42:0a:00:01:0$((h+1)); ip -n c$h addr add 10.0.1.$((h+1))/24 dev eth0; ip -n c$h link set eth0 up; ip -n c$h link set lo up; done
ip netns exec c1 ping -c 1 -W 1 10.0.1.3
ip -n ov1 neigh add 10.0.1.3 lladdr 02:42:0a:00:01:03 dev vxlan0 nud permanent
ip netns exec c1 ping -c 1 -W 1 10.0.1.3
bridge -n ov1 fdb add 02:42:0a:00:01:03 dev vxlan0 dst 192.168.1.2 self permanent
ip -n ov2 neigh add 10.0.1.2 lladdr 02:42:0a:00:01:02 dev vxlan0 nud permanent
bridge -n ov2 fdb add 02:42:0a:00:01:02 dev vxlan0 dst 192.168.1.1 self permanent
ip netns exec c1 ping -c 2 -i 0.2 -W 1 10.0.1.3
ip -n ov1 -d link show vxlan0
bridge -n ov1 fdb show dev vxlan0 | grep -v master
ip -n ov1 neigh show dev vxlan0
ip -n c1 neigh show
ip -n ov1 -br link | awk "{print \$1,\$2}"
brctl show
ip netns exec ov1 brctl show
ip netns exec ov1 brctl showmacs br0 | awk '{print $1,$2,$3}' | grep 02:42
ip netns exec h1 iptables -A INPUT -p udp --dport 4789 -j DROP
ip netns exec c1 ping -c 1 -W 1 10.0.1.3
ip netns exec h1 iptables -L INPUT -n -v
ip netns exec h1 iptables -F
ip netns exec c1 ping -c 1 -W 1 -s 1422 -M do 10.0.1.3
ip netns exec c1 ping -c 1 -W 1 -s 1423 -M do 10.0.1.3
ip -n c1 link set eth0 mtu 1500
ip netns exec c1 ping -c 1 -W 1 -s 1472 -M do 10.0.1.3
ip netns exec h1 ss -uln | grep -c 4789
ip -n h1 link del u
ip netns exec c1 ping -c 1 -W 1 10.0.1.3
ip netns del h1
sleep 0.2; ip -n ov1 link show vxlan0
