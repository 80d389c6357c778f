# a tutorial's lab: two bridges as two LANs, a router between them, hosts with default gateways
for b in lan1 lan2; do ip link add $b type bridge; ip link set $b up; done
ip link set lan1 address 02:00:00:00:a1:00; ip link set lan2 address 02:00:00:00:a2:00
for h in h1 h2 h3 h4 r; do ip netns add $h; ip -n $h link set lo up; done
add() { ip link add $2-$1 address 02:00:00:00:$4 type veth peer name $5 netns $1 address 02:00:00:01:$4; ip link set $2-$1 master $2 up; ip -n $1 addr add $3 dev $5; ip -n $1 link set $5 up; }
add h1 lan1 10.1.0.11/24 01:11 eth0; add h2 lan1 10.1.0.12/24 01:12 eth0; add h3 lan2 10.2.0.13/24 02:13 eth0; add h4 lan2 10.2.0.14/24 02:14 eth0
add r lan1 10.1.0.1/24 01:01 eth0; add r lan2 10.2.0.1/24 02:01 eth1
for h in h1 h2; do ip -n $h route add default via 10.1.0.1; done; for h in h3 h4; do ip -n $h route add default via 10.2.0.1; done
sleep 3
ip netns list
brctl show
ip netns exec h1 ping -c 2 10.1.0.12
ip netns exec h1 ping -c 1 -W 1 10.2.0.13
ip netns exec h1 ping -c 1 10.2.0.1
ip netns exec r sysctl -w net.ipv4.ip_forward=1
ip netns exec h1 ping -c 2 10.2.0.13
ip netns exec h4 ping -c 1 10.1.0.12
ip netns exec h1 traceroute -n -q 1 10.2.0.14
ip -n h1 neigh
ip -n r neigh
ip -n r route
bridge fdb show br lan1 | grep -v -e permanent -e 33:33 -e 01:00:5e
brctl showmacs lan2 | sed 's/[0-9.]*$//' | sort
ip -br link show master lan1
bridge link show
ip -n r -br addr
ip netns exec h3 ip route get 10.1.0.11
ip -n h1 route add 10.2.0.14 via 10.1.0.12
ip netns exec h2 sysctl -w net.ipv4.ip_forward=1
ip netns exec h1 ping -c 1 -W 1 10.2.0.14
ip netns exec h1 traceroute -n -q 1 -w 1 10.2.0.14
ip addr add 10.1.0.254/24 dev lan1
ping -c 1 10.1.0.11
ping -c 1 -W 1 10.2.0.13
ip route add 10.2.0.0/24 via 10.1.0.1
ping -c 1 10.2.0.13
ip -n h3 link set eth0 down
ip netns exec h1 ping -c 1 -W 4 10.2.0.13
ip netns del r
sleep 1
bridge link | cut -d' ' -f2
ip netns exec h1 ping -c 1 -W 1 10.2.0.14
ip link set lan1 down
ip netns exec h1 ping -c 1 -W 1 10.1.0.12
ip link set lan1 up
ip netns exec h1 ping -c 1 -W 1 10.1.0.12
ip -all netns del
sleep 2.5
ip -br link
