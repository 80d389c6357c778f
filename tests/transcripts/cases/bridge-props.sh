# a bridge's options through ip link, and what shows them
ip link add br0 address 02:00:00:00:00:f0 type bridge ageing_time 1000 forward_delay 400 hello_time 100 max_age 600 priority 100 stp_state 1
ip -d link show br0
ip link set br0 type bridge ageing_time 30000 forward_delay 1500
ip link set br0 type bridge forward_delay 100
ip link set br0 type bridge forward_delay 4000
ip link set br0 type bridge stp_state 0
ip link set br0 type bridge forward_delay 100
ip link set br0 type bridge hello_time 50
ip link set br0 type bridge max_age 5000
ip link set br0 type bridge priority 70000
ip link set br0 type bridge priority abc
ip link set br0 type bridge ageing_time
ip link set br0 type bridge vlan_filtering 1
ip link set br0 type bridge vlan_default_pvid 7
ip link set br0 type bridge mcast_snooping 0
ip link set br0 type bridge mcast_querier 1 mcast_router 2 mcast_hash_max 1024
ip link set br0 type bridge mcast_hash_max 1000
ip link set br0 type bridge mcast_igmp_version 3 mcast_mld_version 2
ip link set br0 type bridge group_fwd_mask 8
ip link set br0 type bridge group_fwd_mask 1
ip link set br0 type bridge group_address 01:80:c2:00:00:05
ip link set br0 type bridge group_address 02:80:c2:00:00:05
ip link set br0 type bridge nf_call_iptables 1
ip link set br0 type bridge no_linklocal_learn 1
ip link set br0 type bridge vlan_stats_enabled 1
ip link set br0 type bridge fdb_flush
ip link set br0 type bridge nosuch 1
ip link set br0 type vlan id 5
ip -d link show br0
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set va type bridge priority 5
ip link set va master br0
ip link set va type bridge_slave cost 77 priority 10 state 2 guard on hairpin on fastleave on root_block on learning off flood off proxy_arp on mcast_flood off bcast_flood off mcast_to_unicast on neigh_suppress on isolated on locked on group_fwd_mask 8 mcast_router 2 vlan_tunnel on
ip -d link show va
ip link set va type bridge_slave priority 64
ip link set va type bridge_slave cost 0
ip link set va type bridge_slave cost 65536
ip link set va type bridge_slave state 9
ip link set va type bridge_slave hairpin 1
ip link set va type bridge_slave foo on
ip link set va type bridge_slave hairpin maybe
bridge -d link show dev va
brctl showstp br0 | sed "s/gc timer.*/gc timer/"
ip link set br0 mtu 1400
ip link set br0 up
ip -d link show br0 | head -2
ip link set va nomaster
ip -d link show va
ip link set va nomaster
bridge vlan show
