uname -r | grep -o '^6'
ip netns add n1
alias b='ip netns exec n1 bridge'
n() { ip netns exec n1 "$@"; }
n ip link set lo up
n ip link add br0 type bridge vlan_filtering 1
n ip link set br0 up
n ip link add vx type vxlan external dstport 4789 nolearning
n ip -d link show vx | sed 's/ gso_max_size.*//; s/ num[tr]xqueues [0-9]*//g'
n ip link set vx master br0
n ip link set vx up
n ip link add p1 type veth peer name q1
n ip link set p1 master br0
n ip link set p1 up
n ip link set q1 up
n bridge vlan add dev vx vid 10
n bridge vlan add dev vx vid 10 tunnel_info id 1000
n bridge link set dev vx vlan_tunnel on
n bridge -d link show dev vx | grep -o 'vlan_tunnel o[nf]*'
n bridge vlan add dev vx vid 10 tunnel_info id 1000
n bridge vlan tunnelshow
n bridge vlan add dev vx vid 20
n bridge vlan add dev vx vid 20 tunnel_info id 2000
n bridge vlan tunnelshow
n bridge -j vlan tunnelshow
n bridge -j -p vlan tunnelshow
n bridge vlan add dev vx vid 30-33
n bridge vlan add dev vx vid 30-33 tunnel_info id 3000-3003
n bridge vlan show
n bridge vlan tunnelshow
n bridge -c vlan tunnelshow
n bridge -j vlan tunnelshow
n bridge -d vlan show
n bridge -d -j vlan show
n bridge vlan tunnelshow dev vx
n bridge vlan tunnelshow dev p1
n bridge vlan tunnelshow dev vx vid 20
n bridge vlan tunnelshow vid 31
n bridge vlan add dev vx vid 40 tunnel_info id 4000
n bridge vlan add dev vx vid 30 tunnel_info id 2000
n bridge vlan add dev vx vid 30 tunnel_info id 3999
n bridge vlan tunnelshow
n bridge vlan add dev vx vid 30-33 tunnel_info id 3000
n bridge vlan add dev vx vid 30-33 tunnel_info id 3000-3002
n bridge vlan add dev vx vid 30 tunnel_info id 3000-3003
n bridge vlan add dev vx vid 30 tunnel_info id 16777216
n bridge vlan add dev vx vid 30 tunnel_info id abc
n bridge vlan add dev vx vid 30 tunnel_info 3000
n bridge vlan add dev p1 vid 30 tunnel_info id 3000
n bridge vlan add dev br0 vid 30 tunnel_info id 3000 self
n bridge vlan del dev vx vid 30 tunnel_info id 3000
n bridge vlan tunnelshow
n bridge vlan del dev vx vid 31-33 tunnel_info id 3001-3003
n bridge vlan tunnelshow
n bridge vlan del dev vx vid 31 tunnel_info id 3001
n bridge vlan show dev vx
n bridge vlan del dev vx vid 20
n bridge vlan tunnelshow
n bridge vlan add dev vx vid 10 tunnel_info id 1000
n bridge link set dev vx vlan_tunnel off
n bridge vlan tunnelshow
n bridge vlan add dev vx vid 11 tunnel_info id 1100
n bridge link set dev vx vlan_tunnel on
n bridge vlan tunnelshow
n ip link set vx nomaster
n bridge vlan tunnelshow
