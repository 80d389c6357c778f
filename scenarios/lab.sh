# The lab of the article: two ends of a cable, one of them in a namespace, then a bridge.
ip netns add testns
ip link add veth1 type veth peer name veth2
ip link set veth2 netns testns up
ip link set veth1 up
ip addr add 10.0.0.1/24 dev veth1
ip netns exec testns ip addr add 10.0.0.2/24 dev veth2
ping -c 2 10.0.0.2
ip netns exec testns ping -c 2 10.0.0.1
brctl addbr mybr0
brctl addif mybr0 veth1
ip addr del 10.0.0.1/24 dev veth1
ip addr add 10.0.0.1/24 dev mybr0
ip link set mybr0 up
ping -c 2 10.0.0.2
ip netns exec testns bash -c 'ip addr; ip route'
ip netns list; ip netns list-id; ip netns identify; ethtool -S veth1; brctl show; bridge fdb show
