# a bridge's own MAC, carrier, mtu: how they follow its ports
ip link add v1 address 02:00:00:00:01:05 type veth peer name p1 address 02:00:00:00:02:05
ip link add v2 address 02:00:00:00:01:03 type veth peer name p2 address 02:00:00:00:02:03
ip link add v3 address 02:00:00:00:01:09 mtu 1400 type veth peer name p3 address 02:00:00:00:02:09
brctl addbr br0
ip link set br0 up
brctl show
ip link set v1 master br0
ip link show br0
brctl show
ip link set v2 master br0
ip link show br0
ip link set v3 master br0
ip link show br0
ip link set p1 up
ip link set v1 up
ip link show br0
ip addr show br0
ip link set v2 nomaster
ip link show br0
ip link set v1 address 02:00:00:00:01:55
ip link show br0
bridge fdb show br br0 | grep 'master br0 permanent'
ip link set v1 nomaster
ip link show br0
ip link set v3 mtu 1300
ip link show br0
ip link set v1 master br0
ip link set v1 mtu 9000
ip link set v3 mtu 9000
ip link show br0
ip link set br0 mtu 1280
ip link show br0
ip link set v3 mtu 9000
ip link set v3 nomaster
ip link show br0
ip link set br0 address 02:00:00:00:00:f0
ip link show br0
ip link set v2 master br0
ip link show br0
ip link set v1 nomaster
ip link set v2 nomaster
ip link show br0
ip link set br0 address 02:00:00:00:00:00
ip link show br0
ip link set v1 master br0
ip link set v1 nomaster
ip link del br0
ip link add br1 type bridge
ip link set v1 master br1
ip link show br1
ip link set br1 up
ip link set v1 up
ip link show br1
ip link set p1 down
ip link show br1
ip link show v1
bridge link
ip link set p1 up
ip link show br1
bridge link
ip link del v1
ip link show br1
ip link del br1 type veth
ip link del br1 type bridge
