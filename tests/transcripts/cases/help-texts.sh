# the help that each object prints
ip help
ip link help
ip addr help
ip route help
ip rule help
ip neigh help
ip netns help
ip maddr help
bridge help
bridge link help
bridge fdb help
bridge vlan help
bridge mdb help
ip link help veth
ip link help bridge
ip link help bridge_slave
ip link set help
ip addr add help
ip a help
ip l h
arping -h
brctl help
brctl -h
brctl show -h
ethtool -h | head -3
traceroute --help | head -3
traceroute --version
tcpdump --version
tcpdump -h
ip netns add help
nsenter --version
ss -V
ss -h | head -5
sysctl --version
hostname --version
ping -h
