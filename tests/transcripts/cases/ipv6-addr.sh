# IPv6 addresses over their life: tentative, duplicate, flags, lifetimes, disable_ipv6, accept_dad
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip addr show va
sysctl net.ipv6.conf.va.disable_ipv6 net.ipv6.conf.va.accept_dad net.ipv6.conf.va.dad_transmits net.ipv6.conf.va.addr_gen_mode net.ipv6.conf.va.forwarding net.ipv6.conf.va.accept_ra
ip addr add fd00::9/64 dev va
ip -6 addr show va
ip link set va up
ip -6 addr show va
ip -6 route
ip -n peer link set vb up
ip -6 addr show va
ip -6 route
ip -6 addr show tentative
sleep 3
ip -6 addr show va
ip -6 addr show tentative
ip -6 route
ip -6 route show table local
ip -n peer addr add fd00::2/64 dev vb
ip -n peer -6 addr show vb scope global
ping -c 1 -W 1 fd00::2
sleep 3
ip -n peer -6 addr show vb scope global
ping -c 1 fd00::2
ip -n peer addr add fd00::9/64 dev vb
sleep 3
ip -n peer -6 addr show vb scope global
ip -n peer -6 addr show vb dadfailed
ip -n peer addr del fd00::9/64 dev vb
ip -n peer addr add fd00::9/64 nodad dev vb
ip -n peer -6 addr show vb scope global
ip -n peer addr del fd00::9/64 dev vb
ip addr add fd00::1/64 dev va nodad
ip addr add fd00::1/64 dev va nodad
ip addr change fd00::1/64 dev va preferred_lft 0
ip -6 addr show va deprecated
ip route get fd00::2
ip addr add fd01::1/64 dev va valid_lft 2 preferred_lft 1 nodad
ip -6 addr show va scope global
sleep 4
ip -6 addr show va scope global
sysctl -w net.ipv6.conf.va.disable_ipv6=1
ip -6 addr show va
ip addr add fd00::1/64 dev va
ip -6 route
sysctl -w net.ipv6.conf.va.disable_ipv6=0
ip -6 addr show va
sleep 3
ip -6 addr show va
ip addr add fd00::1/64 dev va nodad
ip link set va down
ip -6 addr show va
ip -6 route
ip link set va up
sleep 3
ip -6 addr show va
sysctl -w net.ipv6.conf.va.keep_addr_on_down=1
ip addr add fd00::1/64 dev va nodad
ip link set va down
ip -6 addr show va
ip link set va up
sleep 3
ip -6 addr show va
ip link set va addrgenmode none
ip link set va down
ip link set va up
sleep 3
ip -6 addr show va
sysctl -w net.ipv6.conf.all.disable_ipv6=1
ip -6 addr
sysctl net.ipv6.conf.va.disable_ipv6 net.ipv6.conf.default.disable_ipv6 net.ipv6.conf.lo.disable_ipv6
sysctl -w net.ipv6.conf.all.disable_ipv6=0
ip -6 addr
