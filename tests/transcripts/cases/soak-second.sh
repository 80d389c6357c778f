# what invented scripts found: a default route that is not there, an address without its metric, a rule that is not there, a loopback too small
ip -6 route del default
ip -6 route del default dev lo
ip -6 route del default via fd00::1
ip -6 route del default metric 7
ip -6 route del default table 100
ip -6 route del fd09::/64
ip -6 route add blackhole default
ip -6 route del default
ip -6 route del default
ip link add br0 type bridge
ip addr add 10.9.9.9/32 dev br0 metric 2
ip addr replace 10.9.9.9/32 dev br0
ip addr show dev br0
ip addr del 10.9.9.9/32 dev br0
ip link add va type veth peer name vb
ip addr add 10.0.0.1/24 dev vb
ip rule del from 172.16.0.0/12
ip route get 10.0.0.1 from 10.0.0.77 iif vb
ip rule add prio 7 from 172.16.0.0/12 lookup 100
ip route get 10.0.0.1 from 10.0.0.77 iif vb
ip rule del prio 7
ip route get 10.0.0.1 from 10.0.0.77 iif vb
ip link set lo mtu 67
ip addr show dev lo
ip addr add 127.0.0.1/8 dev lo
ip route show table local
ip link set lo down
ip link set lo up
ip -4 addr show dev lo
ip link set lo mtu 68
ip -4 addr show dev lo
ip addr add 127.0.0.5/8 dev lo
ip -4 addr show dev lo
ip link set lo down
ip link set lo up
ip -4 addr show dev lo
