# ip link show: filters and formats
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 mtu 1300 txqueuelen 77 type veth peer name vd address 02:00:00:00:00:04
ip link set va master br0
ip link set vb up
ip link set va up
ip link set vc up
ip link set br0 up
sleep 1
ip link
ip l
ip l sh va
ip li ls dev va
ip link list va
ip link show type veth
ip link show type bridge
ip link show type bridge_slave
ip link show master br0
ip link show nomaster
ip link show up
ip link show dev vc up
ip link show vd up
ip -br link
ip -br l show type veth
ip -o link
ip -o link show vc
ip -br -o link show vc
ip -d link show va
ip -d link show lo
ip -d -o link show va
ip -j link show va
ip -j -p link show vc
ip -j -d link show va
ip -j -p -d link show br0 | grep -v timer
ip -j -br link
ip -s link show vd
ip -s -s link show vd
ip -s -j link show vd
ip -s -s -j -p link show vd
ip -br -s link show vd
ip -4 link show vc
ip -6 link show vc
ip -0 link show vc
ip -r link show vc
ip -h -s link show vd
ip -iec link show vd
ip -n nosuch link
ip -netns nosuch link
ip -c=never link show vc
ip -color=always link show vc
ip link show dev br0 type veth
ip -details link show dev vb
