# a device on the move: addresses, routes, names and state when it changes namespace
ip netns add a; ip netns add b
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.0.2/24 dev v1; ip link set v0 up; ip link set v1 up
ip route add 10.9.0.0/16 via 10.0.0.2 dev v0
ip link set v1 alias "traveller" mtu 1400 txqueuelen 77 group 5
ip link property add dev v1 altname voyager
sleep 2
ping -c 1 -I v0 10.0.0.2
ip link set v1 netns a
ip -n a addr
ip addr show v0
ip route
ip -n a link show voyager
ip -n a link set voyager name eth0
ip -n a link set eth0 up
ip -n a addr add 10.0.0.2/24 dev eth0
sleep 1
ping -c 1 10.0.0.2
ip link show v0
ip -n a link show eth0
ip -n a link set eth0 netns b
ip -n b link
ip neigh
ip -n b link set eth0 netns a name v0
ip -n a -br link
ip link add v5 type veth peer name v6
ip link set v6 netns a
ip -n a link set v6 name v0
ip -n a link set v6 name v9
ip link set v5 netns a
ip -n a -br link | sed 's/[0-9a-f:]\{17\}/MAC/'
ip -n a link set v5 netns b name v1
ip -n b -br link | sed 's/[0-9a-f:]\{17\}/MAC/'
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link set br0 netns a
ip link set lo netns a
ip link add w0 type veth peer name w1; ip link set w0 master br0 up; ip link set w1 up; ip link set br0 up
ip link set w0 netns b
bridge link
ip link show br0
ip -n b link show w0 | sed 's/[0-9a-f:]\{17\}/MAC/'
ip -n b link set w0 netns a up
ip -n a link show w0 | head -1
ip link set nosuch netns a
ip link set w1 netns nosuch
ip link set w1 netns 99999999
ip link set w1 netns /run/netns/b
ip -n b -br link | sed 's/[0-9a-f:]\{17\}/MAC/'
ip netns del b
sleep 1
ip -br link | sed 's/[0-9a-f:]\{17\}/MAC/'
ip -n a -br link | sed 's/[0-9a-f:]\{17\}/MAC/'
ip netns del a
sleep 1
ip -br link | sed 's/[0-9a-f:]\{17\}/MAC/'
