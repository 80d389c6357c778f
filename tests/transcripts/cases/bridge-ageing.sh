# the forwarding table over time: learning, moving, ageing, static entries, flush on port loss
ip link add br0 address 02:00:00:00:00:f0 type bridge
for i in 1 2 3; do ip netns add n$i; ip link add v$i address 02:00:00:00:01:0$i type veth peer name e0 netns n$i address 02:00:00:00:00:0$i; ip link set v$i master br0 up; ip -n n$i link set e0 up; ip -n n$i addr add 10.0.0.$i/24 dev e0; done
ip link set br0 up
ip addr add 10.0.0.100/24 dev br0
sleep 3
brctl setageing br0 4
ip netns exec n1 ping -c 1 10.0.0.2
bridge fdb show br br0 | grep 02:00:00:00:00 | grep -v permanent
ping -c 1 10.0.0.3
bridge fdb show br br0 | grep 02:00:00:00:00 | grep -v permanent
sleep 7
bridge fdb show br br0 | grep 02:00:00:00:00 | grep -v permanent
brctl showmacs br0 | sed 's/[0-9.]*$//'
brctl setageing br0 300
ip netns exec n1 ping -c 1 10.0.0.2
brctl showmacs br0 | grep no | sed 's/[0-9.]*$//'
ip -n n3 link set e0 address 02:00:00:00:00:01
ip netns exec n3 arping -U -c 1 -I e0 10.0.0.3
bridge fdb show br br0 | grep 00:00:01
ip netns exec n1 arping -U -c 1 -I e0 10.0.0.1
bridge fdb show br br0 | grep 00:00:01
bridge fdb add 02:00:00:00:00:02 dev v3 master static
bridge fdb replace 02:00:00:00:00:02 dev v3 master static
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
bridge fdb show br br0 | grep 00:00:02
bridge fdb del 02:00:00:00:00:02 dev v3 master
ip netns exec n1 ping -c 1 -W 1 10.0.0.2
bridge fdb show br br0 | grep 00:00:02
ip -n n2 link set e0 down
sleep 1
bridge fdb show br br0 | grep 00:00:02
bridge link
ip -n n2 link set e0 up
sleep 1
ip netns exec n2 ping -c 1 10.0.0.1
bridge fdb show br br0 | grep 00:00:02
ip link set v2 nomaster
bridge fdb show br br0 | grep 00:00:02
ip link set v2 master br0
bridge fdb show br br0 | grep 00:00:02
ip netns exec n2 ping -c 1 10.0.0.1
ip link set br0 type bridge fdb_flush
bridge fdb show br br0 | grep -v -e 33:33 -e 01:00:5e
brctl setageing br0 0
ip netns exec n2 ping -c 1 10.0.0.1
sleep 1
bridge fdb show br br0 | grep 02:00:00:00:00
bridge fdb show brport v1 | grep -v -e 33:33 -e 01:00:5e
ip link set br0 down
bridge fdb show br br0 | grep 02:00:00:00:00
ip netns exec n2 ping -c 1 -W 1 10.0.0.1
ip link set br0 up
ip netns exec n2 ping -c 1 -W 1 10.0.0.1
