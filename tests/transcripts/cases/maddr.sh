ip link add br0 address 02:00:00:00:00:09 type bridge
ip maddr show br0
ip link set br0 up
ip maddr show br0
ip link set br0 type bridge mcast_snooping 0
ip maddr show br0
ip link set br0 type bridge mcast_snooping 1
ip maddr show br0
ip link set br0 down
ip maddr show br0
ip link set br0 up
ip maddr show br0
ip link add va type veth peer name vb
ip link set va master br0 up
ip link set vb up
ip maddr show br0
ip maddr show va
ip addr add 239.1.1.1/32 dev vb autojoin
ip addr add 10.0.0.1/32 dev vb autojoin
ip addr show vb
ip maddr show vb
ip addr del 239.1.1.1/32 dev vb
ip maddr show vb
ip addr add ff05::9/64 dev vb autojoin
ip addr add fd05::9/64 dev vb autojoin
ip maddr show vb
ip addr show vb
ip addr del ff05::9/64 dev vb
ip maddr show vb
