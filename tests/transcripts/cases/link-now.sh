# what is true right after each up and down, without waiting: carrier, routes, addresses
ip netns add a
ip netns add b
ip link add x netns a address 02:00:00:00:00:01 type veth peer name y netns b address 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev x
ip -n a link set x up
ip -n a -br link show x
ip -n a route
ip -n b link set y up
ip -n a -br link show x
ip -n b -br link show y
ip -n a route
ip -n a -6 addr show x
sleep 0.1
ip -n a -br link show x
sleep 0.5
ip -n a -br link show x
sleep 0.6
ip -n a -br link show x
ip -n b link set y down
ip -n a -br link show x
ip -n a route
sleep 0.1
ip -n a route
sleep 1
ip -n a route
ip -n b link set y up
ip -n a route
ip link add p address 02:00:00:00:00:03 type veth peer name q address 02:00:00:00:00:04
ip addr add 10.1.0.1/24 dev p
ip link set p up
ip -br link show p
ip route
ip link set q up
ip -br link show p
ip route
ip link set q down
ip -br link show p
ip route
ip link set q up
ip route
