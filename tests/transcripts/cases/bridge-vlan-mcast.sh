# snooping by VLAN: the members of a group are of one VLAN
ip netns add sw; ip -n sw link set lo up
ip -n sw link add br0 address 02:00:00:00:bb:01 type bridge vlan_filtering 1 mcast_snooping 1 mcast_querier 0
ip -n sw link set br0 up addrgenmode none
for i in 1 2 3; do ip netns add c$i; ip -n sw link add p$i type veth peer name eth0 netns c$i; ip -n sw link set p$i addrgenmode none; ip -n sw link set p$i master br0; ip -n sw link set p$i up; ip -n c$i link set eth0 address 02:00:00:00:00:0$i; ip -n c$i link set eth0 addrgenmode none; ip -n c$i addr add 10.0.0.$i/24 dev eth0; ip -n c$i link set eth0 up; done
for i in 1 2; do bridge -n sw vlan add dev p$i vid 10 pvid untagged; bridge -n sw vlan del dev p$i vid 1; done
bridge -n sw vlan add dev p3 vid 10 ; bridge -n sw vlan add dev p3 vid 20
bridge -n sw vlan show
sleep 2
bridge -n sw mdb add dev br0 port p2 grp 239.5.5.5 permanent vid 10
bridge -n sw mdb show
ip -n c2 maddr show dev eth0 | grep -c 239
ip -n sw link set br0 type bridge mcast_querier 1 mcast_startup_query_interval 100
sleep 12
bridge -n sw mdb show
ip netns exec c2 timeout 3 tcpdump -l -nn -i eth0 -c 2 icmp 2>/dev/null > /tmp/m2 & ip netns exec c3 timeout 3 tcpdump -l -nn -e -i eth0 -c 2 ip 2>/dev/null > /tmp/m3 & sleep 1
ip netns exec c1 ping -c1 -W1 -t 4 -I eth0 239.5.5.5
ip netns exec c1 ping -c1 -W1 -t 4 -I eth0 239.6.6.6
wait; grep -c 239.5.5.5 /tmp/m2; grep -c 239.6.6.6 /tmp/m2; grep -c 239 /tmp/m3
ip -n sw link set br0 type bridge mcast_vlan_snooping 1
bridge -n sw vlan global show | sed "s/3125/3124/g"
bridge -n sw mdb show
bridge -n sw vlan global set vid 10 dev br0 mcast_querier 1
sleep 12
ip netns exec c2 timeout 3 tcpdump -l -nn -i eth0 -c 2 icmp 2>/dev/null > /tmp/m2 & ip netns exec c3 timeout 3 tcpdump -l -nn -e -i eth0 -c 2 ip 2>/dev/null > /tmp/m3 & sleep 1
ip netns exec c1 ping -c1 -W1 -t 4 -I eth0 239.5.5.5
ip netns exec c1 ping -c1 -W1 -t 4 -I eth0 239.6.6.6
wait; grep -c 239.5.5.5 /tmp/m2; grep -c 239.6.6.6 /tmp/m2; grep -c 239 /tmp/m3
bridge -n sw vlan global show vid 10 | sed "s/3125/3124/g"
