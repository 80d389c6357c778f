ip netns add n1
n() { ip netns exec n1 "$@" | sed "s/3125/3124/g"; return ${PIPESTATUS[0]}; }
n ip link set lo up
n ip link add br0 type bridge vlan_filtering 1
n ip link add p1 type veth peer name q1
n ip link add p2 type veth peer name q2
for p in p1 p2; do n ip link set $p master br0; n ip link set $p up; done
for p in p1 p2 q1 q2 br0; do n ip link set $p addrgenmode none; done
n ip link set q1 up
n ip link set br0 up
n bridge vlan add dev p1 vid 10-12
n bridge vlan add dev br0 vid 10-12 self
n bridge vlan global show
n bridge -j vlan global show
n bridge -j -p vlan global show vid 10
n bridge vlan global show dev br0
n bridge vlan global show dev p1
n bridge vlan global show vid 11
n bridge vlan global show vid 99
n bridge vlan global set vid 10 dev br0 mcast_snooping 0
n bridge vlan global set vid 11-12 dev br0 mcast_querier 1
n bridge vlan global show
n ip link set br0 type bridge mcast_vlan_snooping 1
n ip -d link show br0 | grep -o 'mcast_vlan_snooping [01]'
n bridge vlan global set vid 11-12 dev br0 mcast_querier 1
n bridge vlan global show
n bridge vlan global set vid 10 dev br0 mcast_igmp_version 3 mcast_mld_version 2
n bridge vlan global set vid 10 dev br0 mcast_last_member_count 3 mcast_last_member_interval 200
n bridge vlan global set vid 10 dev br0 mcast_startup_query_count 4 mcast_startup_query_interval 500
n bridge vlan global set vid 10 dev br0 mcast_membership_interval 30000 mcast_querier_interval 12000
n bridge vlan global set vid 10 dev br0 mcast_query_interval 6000 mcast_query_response_interval 700
n bridge vlan global show vid 10
n bridge -j vlan global show vid 10
n bridge vlan global set vid 10 dev br0 mcast_igmp_version 4
n bridge vlan global set vid 10 dev br0 mcast_mld_version 7
n bridge vlan global set vid 99 dev br0 mcast_querier 1
n bridge vlan global set vid 10 dev p1 mcast_querier 1
n bridge vlan global set vid 10 dev br0
n bridge vlan global set vid 10 dev br0 mcast_query_interval 1
n bridge vlan global show vid 10
n bridge vlan global set vid 4095 dev br0 mcast_querier 1
n bridge vlan global set vid 10 dev lo mcast_querier 1
n bridge vlan set vid 10 dev p1 state blocking
n bridge -d vlan show dev p1
n bridge vlan set vid 11-12 dev p1 state learning
n bridge -d vlan show dev p1
n bridge vlan set vid 10 dev p1 state 3
n bridge vlan set vid 11 dev p1 mcast_router 2
n bridge -d vlan show dev p1
n bridge -d -j vlan show dev p1
n bridge vlan set vid 10 dev p1 mcast_router 5
n bridge vlan set vid 10 dev p1 state 7
n bridge vlan set vid 10 dev br0 state blocking
n bridge vlan set vid 10 dev br0 mcast_router 0
n bridge -d vlan show dev br0
n bridge vlan set vid 99 dev p1 state blocking
n bridge vlan set vid 10 dev p2 state blocking
n bridge vlan set vid 10 dev q1 state blocking
n bridge vlan set vid 10 dev p1
n bridge -d -s vlan show dev p1
n bridge -s vlan show dev p1
n bridge -s -j vlan show dev p1
n bridge -d -s -j vlan show dev p1
n bridge mdb add dev br0 port p1 grp 239.1.1.1 vid 10
n bridge mdb add dev br0 port p1 grp 239.1.1.1 permanent vid 11
n bridge mdb add dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 permanent vid 11
n bridge mdb add dev br0 port p1 grp 239.1.1.2 permanent vid 99
n bridge mdb add dev br0 port p1 grp 239.1.1.3 permanent
n bridge mdb add dev br0 port p2 grp ff0e::1 permanent vid 1
n bridge mdb add dev br0 port br0 grp 239.1.1.9 permanent vid 10
n bridge mdb show
n bridge -d mdb show
n bridge mdb show vid 10
n bridge -j mdb show vid 11
n bridge mdb del dev br0 port p1 grp 239.1.1.1 vid 11
n bridge mdb del dev br0 port p1 grp 239.1.1.1 vid 11
n bridge mdb del dev br0 port p1 grp 239.1.1.1
n bridge mdb show
n bridge vlan del dev p1 vid 11
n bridge mdb show
n bridge vlan global show
n bridge vlan del dev br0 vid 12 self
n bridge vlan del dev p1 vid 12
n bridge vlan global show
n ip link set br0 type bridge mcast_vlan_snooping 0
n bridge vlan global show
n bridge vlan global set vid 10 dev br0 mcast_snooping 1
n ip link set br0 type bridge vlan_filtering 0
n bridge vlan global show
n bridge vlan show
