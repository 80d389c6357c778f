ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set va up
ip link set vb up
sleep 3
ip addr add fd00::1/64 peer fd00::2 dev va
ip addr add fd01::1 peer fd01::2/64 dev va nodad
ip addr add fd02::1/64 dev va noprefixroute nodad
ip addr add fd03::1/64 dev va metric 55 nodad
ip addr add fd04::1/64 dev va home nodad
ip addr add fd05::1/64 dev va mngtmpaddr nodad
ip addr add fd05::2/80 dev va mngtmpaddr nodad
ip addr add fd06::1/64 dev va optimistic
ip addr add fd07::1/64 dev va valid_lft 100 preferred_lft 200
ip addr add fd07::1/64 dev va valid_lft 0
ip addr add fd07::1/64 dev va valid_lft 100 preferred_lft 50 nodad
ip addr add fd08::1/128 dev va nodad
ip addr add fd08::2/127 dev va nodad
ip addr add fe80::5/64 dev va nodad
ip addr add fec0::5/64 dev va nodad
ip addr add ::/64 dev va
ip addr add ff02::5/64 dev va
ip addr add ::1/128 dev va
ip addr add fd09::1/129 dev va
ip addr show va
ip -6 route show table all dev va
sleep 2
ip addr show va
ip addr del fd03::1/64 dev va
ip addr del fd01::1/64 dev va
ip addr del fd01::1 peer fd01::2/64 dev va
ip addr del fd00::1/64 dev va
ip addr del fd08::2 dev va
ip addr del fd08::1 dev va
ip -6 route show table all dev va
ip addr add fd03::2/64 dev va nodad
ip addr add fd03::3/64 dev va nodad
ip addr del fd03::2/64 dev va
ip -6 route show dev va
ip addr del fd03::3/64 dev va
ip -6 route show dev va
ip addr change fd02::1/64 dev va
ip -6 route show dev va
ip addr change fd02::1/64 dev va metric 77
ip -6 route show dev va
ip addr replace fd02::1/64 dev va noprefixroute
ip -6 route show dev va
ip addr replace fd02::9/64 dev va nodad
ip addr change fd02::10/64 dev va nodad
ip addr show va
ip -6 maddr show va
ip addr flush dev va scope global
ip addr show va
ip -6 maddr show va
ip link set va addrgenmode random
ip link set va down
ip -6 addr show va
ip link set va up
sleep 2
ip -6 addr show va | sed 's/fe80:[0-9a-f:]*/LL/'
ip link set va addrgenmode eui64
ip link set va down
ip link set va up
sleep 2
ip addr show va
ip link set va mtu 1200
ip addr show va
ip -6 route show table all dev va
ip -6 maddr show va
ip addr add fd00::1/64 dev va
ip link set va mtu 1500
ip addr show va
sleep 2
ip addr show va
ip link set va address 02:00:00:00:00:77
ip addr show va
ip link set va down
ip link set va up
ip addr show va
sleep 2
ip addr show va
ip -6 route show table all dev va
ip -6 maddr show va
ip link set lo up
ip addr show lo
ip addr add fd00:1::1/128 dev lo
ip addr show lo
ip -6 maddr show lo
ip -6 route show table all dev lo
ip link set lo down
ip addr show lo
ip link set lo up
ip addr show lo
