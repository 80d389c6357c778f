# spanning tree with its default times: one bridge that turns it on, one without
ip netns add h
ip link add br0 address 02:00:00:00:00:f0 type bridge
brctl stp br0 on
ip link add v0 address 02:00:00:00:01:01 type veth peer name e0 netns h address 02:00:00:00:00:01
ip -n h link set e0 up
ip -n h addr add 10.0.0.2/24 dev e0
ip addr add 10.0.0.1/24 dev br0
ip link set v0 master br0
ip link set br0 up
ip link set v0 up
bridge link
ip link show br0
sleep 5
bridge link
ping -c 1 -W 1 10.0.0.2
sleep 12
bridge link
ping -c 1 -W 1 10.0.0.2
sleep 15
bridge link
ip link show br0
ping -c 1 -W 1 10.0.0.2
brctl showstp br0 | grep -v timer
brctl stp br0 off
bridge link
ip -d link show br0 | grep -o 'stp_state.*priority [0-9]*'
brctl setfd br0 2
ip link set v0 down
bridge link
ip link set v0 up
bridge link
brctl stp br0 on
ip link set v0 down
ip link set v0 up
bridge link
sleep 6
bridge link
brctl setbridgeprio br0 1
brctl setportprio br0 v0 3
brctl setpathcost br0 v0 77
brctl showstp br0 | grep -v timer
bridge link
