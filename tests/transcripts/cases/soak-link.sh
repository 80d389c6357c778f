# what invented scripts found in ip link and sysctl: what is refused before anybody looks whether the device is there, the mtu of IPv6
ip link add bp type veth peer name ba
sysctl -w net.ipv6.conf.bp.mtu=9000
sysctl -w net.ipv6.conf.bp.mtu=1280
sysctl -w net.ipv6.conf.bp.mtu=1279
sysctl -w net.ipv6.conf.bp.mtu=1500
sysctl -w net.ipv6.conf.bp.mtu=1501
sysctl -w net.ipv6.conf.default.mtu=1501
sysctl -w net.ipv6.conf.default.mtu=1279
sysctl -w net.ipv6.conf.default.mtu=67
sysctl -w net.ipv6.conf.all.mtu=67
ip link set bp mtu 1000
sysctl -w net.ipv6.conf.bp.mtu=1000
ip link set bp mtu 1500
sysctl net.ipv6.conf.bp.mtu
ip link add vx1 type vxlan id 1 dev bp srcport 2 1 dstport 4789 df set
ip link add vx1 type vxlan id 1 dev bp srcport 0 0 dstport 4789
ip link add vx1 type vxlan id 1 dev bp srcport 0 0 dstport 4789
ip link add vx1 type vxlan id 1 dev bp srcport 3 2 dstport 4789
ip link add vx1 type vxlan id 1 remote 10.0.0.1 group 239.1.1.1
ip link add vx1 type vxlan id 1 df set ttl inherit local 10.0.0.1
ip link add vx1 mtu 5 type vxlan id 1
ip link add vx1 type vxlan
ip link add vx1 type vxlan id 70000000
ip link add vx1 type vxlan id 5 df nosuch
ip link add bp mtu 5 type veth peer name zz
ip link add bp mtu 5 type bridge
ip link add bp type bridge ageing_time 4294967295
ip link add zz type veth peer name bp
sysctl -w net.ipv6.conf.ba.disable_ipv6=1
ip link add br0 type bridge
sysctl -w net.ipv6.conf.br0.disable_ipv6=1
ip -6 route add default dev br0 metric 100
ip link set br0 up
ip -6 route add default dev br0 metric 100
ip link set br0 mtu 1000
ip -6 route add default dev br0 metric 100
