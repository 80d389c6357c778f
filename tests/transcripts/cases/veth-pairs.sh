# veth: how pairs are made, named, numbered, parted
ip link add type veth
ip link add type veth
ip link add v%d type veth
ip link add veth7 type veth
ip link add type veth peer name pp
ip link add index 100 name vi type veth peer name vj
ip link add name vk index 100 type veth
ip link add vk type veth peer name vl index 200 mtu 1200
ip link add vm address 02:00:00:00:00:11 mtu 1280 txqueuelen 5 type veth peer name vn address 02:00:00:00:00:12 mtu 2000 txqueuelen 6
ip link add vo numtxqueues 4 numrxqueues 3 type veth peer name vp
ip -br link | cut -d' ' -f1
ip link show vm
ip link show vn
ip link show vk
ip link show vl
ip -d link show vo | grep -o 'num.xqueues [0-9]*'
ip -d link show vp | grep -o 'num.xqueues [0-9]*'
ethtool -S vm | grep peer
ethtool -S vo | grep peer
ip netns add red
ip netns add blue
ip link add vq netns red address 02:00:00:00:00:21 type veth peer name vr netns blue address 02:00:00:00:00:22
ip -n red link show vq
ip -n blue link show vr
ip link add vq address 02:00:00:00:00:23 type veth peer name vq netns red
ip link add vq address 02:00:00:00:00:23 type veth peer name vx address 02:00:00:00:00:24 netns red
ip link show vq
ip -n red link show vx
ip link set vq up
ip -n red link set vx up
ip link show vq
ip netns exec red ethtool -S vx | grep peer
ip link set vm netns red
ip -n red link show vm
ip link show vn
ip -n red link set vm netns blue
ip -n blue link show vm
ip link show vn
ip link add vt up type veth peer name vu up
ip link show vt
ip -n blue link set vm name eth0 up
ip -n blue link show eth0
ip link set vn name eth0 up
ip link show eth0
ip -n blue link del eth0
ip link show eth0
ip netns del red
sleep 1
ip -br link | cut -d' ' -f1
ip -n blue link
