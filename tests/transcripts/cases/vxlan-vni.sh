ip netns add n1
n() { ip netns exec n1 "$@"; }
n ip link set lo up
n ip link add vx type vxlan external vnifilter dstport 4789 local 10.0.0.1
n ip -d link show vx | sed 's/ gso_max_size.*//; s/ num[tr]xqueues [0-9]*//g'
n ip link set vx up
n bridge vni
n bridge vni add vni 10 dev vx
n bridge vni add vni 10 dev vx
n bridge vni show
n bridge vni add vni 20-25 dev vx
n bridge vni show
n bridge -c vni show
n bridge -j vni show
n bridge -j -p vni show
n bridge vni add vni 30 group 239.1.1.1 dev vx
n bridge vni add vni 31 remote 10.0.0.9 dev vx
n bridge vni add vni 32 remote 239.1.1.1 dev vx
n bridge vni add vni 33 group 10.0.0.9 dev vx
n bridge vni add vni 34 remote 2001:db8::1 dev vx
n bridge vni show
n bridge -j vni show
n bridge -s vni show
n bridge -s -j vni show
n bridge vni show dev vx
n bridge vni show dev lo
n bridge vni show dev nope
n bridge fdb show dev vx
n bridge vni del vni 31 dev vx
n bridge vni delete vni 31 dev vx
n bridge vni delete vni 31 dev vx
n bridge vni delete vni 20-22 dev vx
n bridge vni show
n bridge fdb show dev vx
n bridge vni add vni 16777216 dev vx
n bridge vni add vni 0 dev vx
n bridge vni add vni abc dev vx
n bridge vni add vni 60-50 dev vx
n bridge vni add vni 50-52 remote 10.0.0.8 dev vx
n bridge vni show
n bridge vni add vni 50
n bridge vni add dev vx
n bridge vni add vni 10 dev lo
n bridge vni add vni 10 dev nope
n bridge vni add vni 10 foo dev vx
n bridge vni frob
n ip link add vy type vxlan external dstport 4790
n bridge vni add vni 10 dev vy
n bridge vni show dev vy
n ip link add vz type vxlan id 7 vnifilter dstport 4791
n ip link add vz type vxlan external vnifilter dstport 4789
n ip link set vz up
n bridge vni add vni 10 dev vz
n bridge vni add vni 99 dev vz
n ip link add v99 type vxlan id 99 dstport 4789
n ip link set v99 up
n ip link set vx type vxlan novnifilter
n ip link set vx type vxlan remote 10.0.0.77
n bridge vni show
n ip link del vx
n bridge vni show
