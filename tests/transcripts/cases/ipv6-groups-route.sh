ip link add bp type veth peer name ba
ip link set bp up
ip -6 route show table all
ip addr add fd02::1/64 dev bp nodad
ip -6 route show table all
ip link add bq type veth peer name bb
ip addr add fd03::1/64 dev bq nodad
ip -6 route show table all dev bq
ip link set bq mtu 68
ip -6 route add fd05:1::/64 dev bq
