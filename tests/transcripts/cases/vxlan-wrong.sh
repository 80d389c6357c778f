# VNIs that do not match, a port that nobody has, ageing, maxaddress, a neighbour that is not there
for h in h1 h2; do ip netns add $h; ip -n $h link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
i=0; for h in h1 h2; do i=$((i+1)); ip -n $h addr add 192.168.0.$i/24 dev u0; ip -n $h link set u0 up; ip -n $h link add vx address 02:00:00:00:dd:0$i type vxlan id $i dstport 4789 local 192.168.0.$i remote 192.168.0.$((3-i)) ageing 5; ip netns exec $h sysctl -qw net.ipv6.conf.vx.disable_ipv6=1; ip -n $h link set vx up; ip -n $h addr add 10.0.0.$i/24 dev vx; done
sleep 3
ip -n h1 neigh flush dev vx; ip netns exec h1 ping -c 1 -W 1 10.0.0.2
ip -n h2 link del vx; ip -n h2 link add vx address 02:00:00:00:dd:02 type vxlan id 1 dstport 4790 local 192.168.0.2 remote 192.168.0.1; ip netns exec h2 sysctl -qw net.ipv6.conf.vx.disable_ipv6=1; ip -n h2 link set vx up; ip -n h2 addr add 10.0.0.2/24 dev vx
ip -n h1 neigh flush dev vx; ip netns exec h1 ping -c 1 -W 1 10.0.0.2
ip -n h2 link del vx; ip -n h2 link add vx address 02:00:00:00:dd:02 type vxlan id 1 dstport 4789 local 192.168.0.2 remote 192.168.0.1 ageing 5 maxaddress 2; ip netns exec h2 sysctl -qw net.ipv6.conf.vx.disable_ipv6=1; ip -n h2 link set vx up; ip -n h2 addr add 10.0.0.2/24 dev vx
ip -n h1 neigh flush dev vx; ip netns exec h1 ping -c 1 -W 1 10.0.0.2
bridge -n h1 fdb show dev vx
bridge -n h2 fdb show dev vx
bridge -n h2 fdb add 02:00:00:00:00:77 dev vx dst 192.168.0.1
bridge -n h2 fdb add 02:00:00:00:00:78 dev vx dst 192.168.0.1
bridge -n h2 fdb show dev vx
sleep 25
bridge -n h1 fdb show dev vx
ip -n h1 link set vx down
bridge -n h1 fdb show dev vx
ip -n h1 link set vx up
ip netns exec h1 ping -c 1 10.0.0.2
ip -n h1 link set vx down; bridge -n h1 fdb show dev vx; ip -n h1 link set vx up
ip -n h1 link set vx type vxlan remote 192.168.0.9
ip netns exec h1 ping -c 1 -W 1 10.0.0.2
bridge -n h1 fdb show dev vx
ip -n h1 neigh flush all
ip netns exec h1 ping -c 1 10.0.0.2
ip -n h1 neigh
ip -n h1 link set vx type vxlan remote 10.99.0.1
bridge -n h1 fdb del 02:00:00:00:dd:02 dev vx dst 192.168.0.2
ip netns exec h1 ping -c 1 -W 1 10.0.0.2
ip -n h1 link set vx type vxlan remote 192.168.0.1
ip netns exec h1 ping -c 1 -W 1 10.0.0.2
ip -n h2 link set vx address 02:00:00:00:dd:99
ip netns exec h1 ping -c 1 -W 1 10.0.0.2
