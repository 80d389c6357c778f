# ip link set: every property that a device keeps
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set va alias "left end"
ip link set va group 7
ip link set va txqueuelen 500
ip link set vb txqueuelen 0
ip link set va mtu 1400
ip link show
ip link show group 7
ip link show group default
ip link set group 7 up
ip link show up
ip link set vb up
ip link set va multicast off
ip link set va allmulticast on
ip link set va promisc on
ip link set va arp off
ip link set va dynamic on
ip link show va
ip -d link show va
ip link set va multicast on
ip link set va allmulticast off
ip link set va promisc off
ip link set va arp on
ip link set va dynamic off
ip link set va trailers off
ip link show va
ip link set va broadcast 02:ff:ff:ff:ff:ff
ip link show va
ip link set va brd ff:ff:ff:ff:ff:ff
ip link set va alias ""
ip link show va
ip link set va down
ip link set va mode dormant
ip link set va up
ip link show va
ip link set va mode default
ip link show va
ip link set va carrier off
ip link show va
ip link set va carrier on
ip link show va
ip link set va addrgenmode none
ip link set va addrgenmode foo
ip -d link show va
ip link set va addrgenmode eui64
ip link set va protodown on
ip link show va
ip link set va protodown off
ip link set va group default
ip link del group default
ip link property add dev va altname left
ip link property add dev va altname links-name-which-is-quite-long
ip link property add dev va altname vb
ip link show left
ip link property del dev va altname left
ip link show left
ip link show va
