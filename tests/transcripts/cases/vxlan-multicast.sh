# VTEPs of one group on an underlay that snoops; what joins, what is asked, who gets what
ip netns add sw; ip -n sw link add u address 02:00:00:00:ff:01 type bridge mcast_querier 1 mcast_startup_query_interval 100; ip -n sw link set u addrgenmode none; ip -n sw addr add 172.16.0.254/24 dev u; ip -n sw link set u up
for i in 1 2 3; do ip netns add v$i; ip -n v$i link set lo up; ip link add e$i netns sw type veth peer name eth0 netns v$i; ip -n sw link set e$i addrgenmode none; ip -n sw link set e$i master u up; ip -n v$i link set eth0 addrgenmode none; ip -n v$i link set eth0 address 02:00:00:00:0a:0$i; ip -n v$i addr add 172.16.0.$i/24 dev eth0; ip -n v$i link set eth0 up; done
for i in 1 2; do ip -n v$i link add vx type vxlan id 77 group 239.7.7.7 dev eth0 dstport 4789 ttl 4; ip -n v$i link set vx addrgenmode none; ip -n v$i link set vx address 02:00:00:00:0b:0$i; ip -n v$i addr add 10.77.0.$i/24 dev vx; ip -n v$i link set vx up; done
sleep 12
ip -n v1 maddr show dev eth0
ip -n v3 maddr show dev eth0
bridge -n sw mdb show | sort
bridge -n sw -d mdb show | sort
ip netns exec v3 timeout 4 tcpdump -l -nn -i eth0 udp port 4789 2>/dev/null > /tmp/mc3 & ip netns exec v2 timeout 4 tcpdump -l -nn -v -i eth0 udp port 4789 2>/dev/null > /tmp/mc2 & sleep 0.5; ip netns exec v1 ping -c 2 -i 0.2 10.77.0.2; wait; wc -l < /tmp/mc3; grep -c VXLAN /tmp/mc2; grep -o 'ttl [0-9]*' /tmp/mc2 | sort | uniq -c
bridge -n v1 fdb show dev vx
bridge -n v2 fdb show dev vx
ip -n v1 -s link show vx
ip -n v3 link add vx type vxlan id 77 dev eth0 dstport 4789
ip -n v3 link set vx addrgenmode none; ip -n v3 addr add 10.77.0.3/24 dev vx; ip -n v3 link set vx up
ip netns exec v3 ping -c 1 -W 1 10.77.0.1
ip -n v3 link set vx type vxlan group 239.7.7.7
ip -n v3 maddr show dev eth0 | grep 239
sleep 4
ip netns exec v3 ping -c 1 -W 2 10.77.0.1
bridge -n v3 fdb show dev vx
ip -n v2 link set vx down
ip -n v2 maddr show dev eth0 | grep -c 239
bridge -n v2 fdb show dev vx
ip -n v2 link del vx
ip -n v1 link add vy type vxlan id 78 group 239.7.7.7 dev eth0 dstport 4789
ip -n v1 link set vy up
ip -n v1 maddr show dev eth0
ip -n v1 link del vx
ip -n v1 maddr show dev eth0
ip -n v1 link del vy
ip -n v1 maddr show dev eth0
