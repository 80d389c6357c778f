ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
sysctl -q -w net.ipv6.conf.va.dad_transmits=0
ip link set va up
ip -n peer link set vb up
sleep 2
ip addr show va
ip link set va down
sysctl -q -w net.ipv6.conf.va.dad_transmits=3
ip link set va up
sleep 2
ip addr show va
sleep 6
ip addr show va
sysctl -w net.ipv6.conf.va.accept_dad=0
ip addr add fd00::1/64 dev va
ip addr show va
sysctl -w net.ipv6.conf.all.accept_dad=0
ip addr add fd00::2/64 dev va
ip addr show va
sysctl -w net.ipv6.conf.va.forwarding=1
ip -6 route show table all dev va
ip -6 maddr show va
sysctl net.ipv6.conf.va.forwarding net.ipv6.conf.all.forwarding
ip addr add fd01::1/64 dev va nodad
ip addr add fd01::2/127 dev va nodad
ip -6 route show table all dev va
ip -6 maddr show va
ip addr del fd01::1/64 dev va
sysctl -w net.ipv6.conf.va.forwarding=0
ip -6 route show table all dev va
ip -6 maddr show va
sysctl -w net.ipv6.conf.va.addr_gen_mode=1
ip link set va down
ip link set va up
ip addr show va
ip -6 maddr show va
sysctl -w net.ipv6.conf.va.addr_gen_mode=0
ip addr show va
ip -d link show va | grep -o addrgenmode.*
sysctl -w net.ipv6.conf.default.forwarding=1
ip link add vc type veth peer name vd
ip -6 maddr show vc
sysctl net.ipv6.conf.vc.forwarding
sysctl -w net.ipv6.conf.all.forwarding=1
ip -6 maddr show vc
ip -6 maddr show lo
sysctl net.ipv6.conf.lo.forwarding net.ipv6.conf.default.forwarding
sysctl -w net.ipv6.conf.va.keep_addr_on_down=1
ip addr add fd05::1/64 dev va
sleep 5
ip link set va down
ip addr show va
ip -6 route show table all dev va
ip -6 maddr show va
ip link set va up
sleep 0.1
ip addr show va
sleep 5
ip addr show va
ip -6 route show table all dev va
sysctl -w net.ipv6.conf.va.disable_ipv6=1
ip addr show va
ip -6 maddr show va
ip -6 route show table all dev va
ip neigh add fd05::9 lladdr 02:00:00:00:00:09 dev va
sysctl -w net.ipv6.conf.va.disable_ipv6=0
sleep 5
ip addr show va
ip -6 maddr show va
