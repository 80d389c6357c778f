# names in namespaces, sysctls and state apart, what a namespace starts with, nsenter
ip netns add red
ip netns exec red ip addr
ip netns exec red ip route show table all
ip netns exec red ping -c 1 127.0.0.1
ip netns exec red ip link set lo up
ip netns exec red ping -c 1 127.0.0.1
ip netns exec red ip route show table all
ip netns exec red hostname
ip netns exec red sysctl net.ipv4.ip_forward net.ipv4.ping_group_range net.ipv4.ip_local_port_range
sysctl -q -w net.ipv4.ip_forward=1
ip netns exec red sysctl net.ipv4.ip_forward
ip netns add blue
ip netns exec blue sysctl net.ipv4.ip_forward
ip netns exec blue sysctl net.ipv4.conf.default.rp_filter net.ipv4.conf.all.forwarding
sysctl net.ipv4.conf.all.forwarding net.ipv4.conf.default.forwarding net.ipv4.conf.lo.forwarding
nsenter --net=/var/run/netns/red ip link show lo
nsenter --net=/run/netns/red ip -br addr
nsenter --net=/var/run/netns/nosuch ip link
nsenter --net=/var/run/netns/red
nsenter -n/var/run/netns/red ip -br link
ip netns exec red bash -c 'ip link add br0 address 02:00:00:00:00:f0 type bridge; ip -br link; ip netns exec blue ip -br link'
ip -n red -br link
ip -netns red -br link
ip -n red netns list
ip -n red link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns blue
ip -n blue -br link
ip -n red link show v0
ip -n blue link show v1
ip netns exec red ip link set v0 netns blue
ip -n blue -br link
ip -n blue link set v1 netns red
ip -n red link show v1
ip netns exec red ethtool -i v1 | head -1
ip netns exec red brctl show
bridge -n red link
bridge -n blue fdb
bridge -n nosuch link
ip netns exec red bash -c 'exit 7'
ip netns exec red bash -c 'for i in 1 2 3; do ip addr add 10.0.0.$i/32 dev lo; done; ip -4 -br addr show lo'
ip -all -br link
ip -a -n red -br link
ip netns delete red
ip netns exec red true
ls /var/run/netns
