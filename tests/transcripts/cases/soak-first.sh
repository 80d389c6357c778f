# what invented scripts found: a new bridge knows its own address, and lo takes another
ip link add br0 type bridge
bridge fdb show br br0
bridge fdb show dev br0
bridge -j fdb show br br0
brctl showmacs br0
ip link add va type veth peer name vb
ip link set va master br0
bridge fdb show br br0
ip link set va nomaster
bridge fdb show br br0
ip link del br0
ip link add br1 address 02:00:00:00:00:01 type bridge
bridge fdb show br br1
bridge fdb get 02:00:00:00:00:01 br br1
ip link set br1 address 02:00:00:00:00:05
bridge fdb show br br1
brctl addbr br2
bridge fdb show br br2
ip link set br2 up
bridge fdb show br br2
ip link set lo address 00:00:00:00:00:00
ip link set lo address 02:00:00:00:00:02
ip link set lo address 00:00:00:00:00:00
ip link show lo
ip link set lo address 01:00:5e:00:00:02
ip link set lo address ff:ff:ff:ff:ff:ff
ip link set lo address 02:00:00
ip link show lo
ping -c 1 -W 1 127.0.0.1
