# ip -6 route: types, metrics, filters, errors, get
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
for d in va vb; do ip link set $d up; done
ip addr add fd00::1/64 dev va nodad
ip addr add fd01::1/64 dev vb nodad
sleep 2
ip -6 route
ip -6 route add fd10::/64 via fd00::2
ip -6 route add fd10::/64 via fd00::2
ip -6 route add fd10::/64 via fd00::3
ip -6 route add fd10::/64 via fd00::3 metric 50
ip -6 route append fd10::/64 via fd01::3
ip -6 route show fd10::/64
ip -6 route replace fd10::/64 via fd00::7
ip -6 route change fd10::/64 via fd00::8 metric 50
ip -6 route show fd10::/64
ip -6 route add fd11::/64 via fe80::2
ip -6 route add fd11::/64 via fe80::2 dev va
ip -6 route add fd12::/64 dev va metric 7 proto static pref high
ip -6 route add fd13::/64 dev va src fd00::1 mtu 1400 expires 100
ip -6 route add fd14::/64 via fd99::1
ip -6 route add fd14::/64 via fd99::1 dev va onlink
ip -6 route add fd15::1 dev va
ip -6 route add default via fd00::fe
ip -6 route add default via fd01::fe metric 2048
ip -6 route add blackhole fd16::/64
ip -6 route add unreachable fd17::/64
ip -6 route add prohibit fd18::/64 metric 5
ip -6 route add throw fd19::/64
ip -6 route add fd20::/64 nexthop via fd00::2 nexthop via fd01::2 weight 2
ip -6 route add fd21::/64 table 100 via fd00::2
ip -6 route add fd22::1/64 dev va
ip -6 route add fd22::/64 from fd00::/64 dev va
ip -6 route add fd23::/64 dev nosuch
ip -6 route add fd23::/64
ip -6 route add fd23::/64 via fd00::1
ip -6 route add fd23::/64 dev va src fd77::1
ip -6 route
ip -6 route show table 100
ip -6 route show table all | grep -v fe80
ip -6 route show dev vb
ip -6 route show proto static
ip -6 route show type blackhole
ip -6 route show root fd10::/16
ip -6 route show match fd10::1
ip -6 route show default
ip -j -6 route show fd20::/64
ip -j -6 route show fd17::/64
ip -d -6 route show fd10::/64
ip -6 route get fd10::1
ip -6 route get fd15::1
ip -6 route get fd00::1
ip -6 route get ::1
ip -6 route get fd16::1
ip -6 route get fd17::1
ip -6 route get fd18::1
ip -6 route get fd19::1
ip -6 route get ff02::1
ip -6 route get fe80::1
ip -6 route get fe80::1 oif va
ip -6 route get 2001:db8::1 from fd01::1
ip -6 route get fd99::1 oif vb
ip route get fd10::1
ip -6 route del fd10::/64
ip -6 route del fd10::/64 metric 50
ip -6 route del fd10::/64
ip -6 route del fd20::/64 via fd00::2
ip -6 route show fd20::/64
ip -6 route del unreachable fd17::/64
ip -6 route flush proto static
ip link set vb down
ip -6 route
ip link set vb up
ip -6 route show dev vb
ip -6 route flush table main
ip -6 route
