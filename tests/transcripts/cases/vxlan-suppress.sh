# three VTEPs with head-end replication, neighbour suppression on the tunnels
ip netns add sw; ip -n sw link add u type bridge; ip -n sw link set u addrgenmode none; ip -n sw link set u up
for i in 1 2 3; do ip netns add v$i; ip netns add c$i; ip -n v$i link set lo up; ip link add e$i netns sw type veth peer name eth0 netns v$i; ip -n sw link set e$i addrgenmode none; ip -n sw link set e$i master u up; ip -n v$i link set eth0 addrgenmode none; ip -n v$i link set eth0 address 02:00:00:00:0a:0$i; ip -n v$i addr add 172.16.0.$i/24 dev eth0; ip -n v$i link set eth0 up; done
for i in 1 2 3; do ip -n v$i link add br0 type bridge mcast_snooping 0; ip -n v$i link set br0 addrgenmode none; ip -n v$i link set br0 up; ip -n v$i link add vx100 type vxlan id 100 local 172.16.0.$i dstport 4789 nolearning ttl 32 tos 0x10; ip -n v$i link set vx100 addrgenmode none; ip -n v$i link set vx100 master br0; ip -n v$i link set vx100 up; bridge -n v$i link set dev vx100 learning off neigh_suppress on; ip -n v$i link add p type veth peer name eth0 netns c$i; ip -n v$i link set p addrgenmode none; ip -n v$i link set p master br0 up; ip -n c$i link set eth0 addrgenmode none; ip -n c$i link set eth0 address 02:00:00:00:0c:0$i; ip -n c$i addr add 10.10.0.$i/24 dev eth0; ip -n c$i link set eth0 mtu 1450 up; done
for i in 1 2 3; do for j in 1 2 3; do test $i = $j || { bridge -n v$i fdb append 00:00:00:00:00:00 dev vx100 dst 172.16.0.$j; bridge -n v$i fdb add 02:00:00:00:0c:0$j dev vx100 dst 172.16.0.$j self; bridge -n v$i fdb add 02:00:00:00:0c:0$j dev vx100 master static extern_learn; }; done; done
bridge -n v1 fdb show dev vx100
bridge -n v1 -j fdb show dev vx100 | jq -Mc '.[] | [.mac,.dst,.state,.flags]' | sort
ip netns exec c1 ping -c 2 -i 0.3 10.10.0.2
ip netns exec c1 ping -c 1 10.10.0.3
ip -n v1 neigh add 10.10.0.2 lladdr 02:00:00:00:0c:02 dev br0 nud permanent
ip -n v1 neigh add 10.10.0.3 lladdr 02:00:00:00:0c:03 dev br0 nud noarp
ip -n v1 neigh show dev br0
ip -n c1 neigh flush all
ip netns exec v2 timeout 3 tcpdump -l -nn -i vx100 arp 2>/dev/null > /tmp/sup & sleep 0.5; ip netns exec c1 ping -c 1 10.10.0.2; wait; cat /tmp/sup | grep -c 'who-has 10.10.0.2'
ip -n c1 neigh show
ip -n v1 -d link show vx100 | grep vxlan
ip -n v1 -d -j link show vx100 | jq -Mc '.[0].linkinfo.info_data | [.id,.local,.port,.tos,.ttl,.learning]'
bridge -n v1 -d link show dev vx100 | grep -o 'neigh_suppress o[nf]*\|learning o[nf]*'
bridge -n v1 fdb get 02:00:00:00:0c:02 dev vx100 self
bridge -n v1 fdb get 02:00:00:00:0c:02 br br0
bridge -n v1 fdb del 02:00:00:00:0c:02 dev vx100 dst 172.16.0.2
bridge -n v1 fdb del 02:00:00:00:0c:02 dev vx100 dst 172.16.0.2
bridge -n v1 fdb replace 02:00:00:00:0c:02 dev vx100 dst 172.16.0.3
ip netns exec c1 ping -c 1 -W 1 10.10.0.2
bridge -n v1 fdb replace 02:00:00:00:0c:02 dev vx100 dst 172.16.0.2
ip netns exec c1 ping -c 1 -W 1 10.10.0.2
ip netns exec c1 ping -c 1 -s 1422 -M do 10.10.0.2
ip netns exec c1 ping -c 1 -s 1423 -M do 10.10.0.2
bridge -n v1 fdb flush dev vx100 self
bridge -n v1 fdb show dev vx100 | grep -v permanent
ip netns exec c1 ping -c 1 -W 1 10.10.0.3
