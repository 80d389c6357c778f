# ethtool on veth, bridge and lo
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add br0 address 02:00:00:00:00:f0 type bridge
ethtool va
ethtool lo
ethtool br0
ip link set va up
ethtool va | grep Link
ip link set vb up
ethtool va | grep Link
ip link set va master br0
ip link set br0 up
ethtool br0
ethtool -i va
ethtool -i br0
ethtool -i lo
ethtool -S va
ethtool -S br0
ethtool -S lo
ethtool --statistics va | head -2
ethtool --driver va | head -1
ethtool nosuch
ethtool -i nosuch
ethtool -S nosuch
ethtool -i
ethtool -S
ethtool
ethtool -Z va
ethtool --foo va
ethtool -P va
ethtool -k va | head -5
ethtool -k nosuch
ethtool -K va tx off
ethtool -k va | head -8
ethtool -l va
ethtool -g va
ethtool -a va
ethtool -c va
ethtool --version
ip netns add red
ip link set vb netns red
ethtool -S va | head -2
ip netns exec red ethtool -S vb | head -2
ip netns exec red ethtool -i vb | head -2
ip netns exec red ethtool va
ethtool vb
ethtool lo br0
