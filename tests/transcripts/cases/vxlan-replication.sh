# VTEPs in a group behind a router that does not route multicast, and replication by hand instead
for i in 1 2 3; do ip netns add h$i; ip -n h$i link set lo up; done; ip netns add r; ip netns exec r sysctl -qw net.ipv4.ip_forward=1
for i in 1 2 3; do ip link add u0 netns h$i address 02:00:00:00:aa:0$i type veth peer name r$i netns r address 02:00:00:00:ab:0$i; ip -n h$i addr add 10.0.$i.2/24 dev u0; ip -n r addr add 10.0.$i.1/24 dev r$i; ip -n h$i link set u0 up; ip -n r link set r$i up; ip -n h$i route add default via 10.0.$i.1; done
for i in 1 2 3; do ip -n h$i link add vx address 02:00:00:00:dd:0$i type vxlan id 100 group 239.5.5.5 dev u0 dstport 4789 ttl 4; ip -n h$i addr add 192.168.100.$i/24 dev vx; ip -n h$i link set vx up; done
sleep 3
ip netns exec h1 ping -c 1 -W 1 192.168.100.2
ip -n h1 neigh show dev vx
for i in 2 3; do bridge -n h1 fdb append 00:00:00:00:00:00 dev vx dst 10.0.$i.2; done; for i in 2 3; do bridge -n h$i fdb append 00:00:00:00:00:00 dev vx dst 10.0.1.2; done
bridge -n h1 fdb show dev vx
ip netns exec h1 ping -c 2 -i 0.2 192.168.100.2
ip netns exec h1 ping -c 1 192.168.100.3
ip netns exec h2 ping -c 1 -W 1 192.168.100.3
bridge -n h1 fdb show dev vx
bridge -n h2 fdb show dev vx
ip netns exec h1 traceroute -n -q 1 -w 1 192.168.100.2
ip netns exec h2 tcpdump -l -n -v -c 1 -i u0 'udp port 4789 and src 10.0.1.2' > cap 2>&1 & sleep 0.5; ip netns exec h1 ping -c 1 -t 9 192.168.100.2 > /dev/null; sleep 1; sed 's/10.0.1.2\.[0-9]*/10.0.1.2.port/' cap | grep -v listening
ip -n h1 link set vx type vxlan ttl inherit; ip netns exec h2 tcpdump -l -n -v -c 1 -i u0 'udp port 4789 and src 10.0.1.2' > cap 2>&1 & sleep 0.5; ip netns exec h1 ping -c 1 -t 9 192.168.100.2 > /dev/null; sleep 1; sed 's/10.0.1.2\.[0-9]*/10.0.1.2.port/' cap | grep -v listening
ip -n h1 link set vx type vxlan tos 0x20; ip netns exec h1 ping -c 1 192.168.100.2 | grep received; ip -n h1 -d link show vx | grep vxlan
ip -n h1 link set vx type vxlan nolearning; bridge -n h1 fdb del 02:00:00:00:dd:02 dev vx; ip netns exec h1 ping -c 1 192.168.100.2 | grep received; bridge -n h1 fdb show dev vx
ip -n r link set r2 down; ip netns exec h1 ping -c 1 -W 1 192.168.100.2
