# bridge options and port options by ip link, printed by -d and JSON
ip link add br0 address 02:00:00:00:00:f0 type bridge
for i in 1 2; do ip link add v$i address 02:00:00:00:01:0$i type veth peer name e$i address 02:00:00:00:02:0$i; ip link set v$i master br0; ip link set v$i up; ip link set e$i up; done
ip link set br0 up
sleep 3
for o in "ageing_time 1000" "forward_delay 500" "hello_time 300" "max_age 800" "priority 100" "stp_state 0" "group_fwd_mask 8" "group_fwd_mask 1" "group_address 01:80:c2:00:00:04" "group_address 02:00:00:00:00:01" "mcast_snooping 0" "mcast_querier 1" "mcast_router 2" "mcast_hash_max 100" "mcast_hash_max 1024" "mcast_hash_elasticity 8" "mcast_last_member_count 3" "mcast_startup_query_count 5" "mcast_query_interval 1000" "mcast_stats_enabled 1" "mcast_igmp_version 3" "mcast_igmp_version 4" "mcast_mld_version 2" "nf_call_iptables 1" "nf_call_arptables 1" "vlan_stats_enabled 1" "no_linklocal_learn 1" "fdb_max_learned 10" "stp_state 5" "ageing_time -1" "frob 1" "fdb_flush" "mcast_flush"; do echo "- $o"; ip link set br0 type bridge $o; done
ip -d link show br0
ip -d -j link show br0 | jq -c '.[0].linkinfo.info_data | del(.bridge_id,.root_id,.hello_timer,.tcn_timer,.topology_change_timer,.gc_timer)'
for o in "state 0" "state 3" "state 9" "cost 5" "cost 0" "priority 7" "priority 64" "hairpin on" "guard on" "root_block on" "fastleave on" "learning off" "flood off" "mcast_flood off" "bcast_flood off" "proxy_arp on" "proxy_arp_wifi on" "mcast_router 1" "mcast_to_unicast on" "neigh_suppress on" "vlan_tunnel on" "isolated on" "locked on" "mab on" "group_fwd_mask 8" "group_fwd_mask 4" "backup_port v2" "backup_port v1" "backup_port nosuch" "nobackup_port" "mcast_max_groups 5" "fdb_flush" "frob on" "learning maybe"; do echo "- $o"; ip link set v1 type bridge_slave $o; done
ip -d link show v1
bridge -d link show dev v1
bridge -d -j link show dev v1
bridge link show dev v2
for o in "guard off" "root_block off" "hairpin off" "fastleave off" "cost 100" "priority 10" "state 3" "learning on" "learning_sync on" "flood on" "mcast_flood on" "hwmode vepa" "hwmode frob" "mcast_router 2" "isolated off" "locked off" "neigh_suppress off" "backup_port v2" "nobackup_port" "self" "master" "frob on"; do echo "- $o"; bridge link set dev v1 $o; done
bridge -d link show dev v1
bridge link set dev e1 cost 5
bridge link set dev nosuch cost 5
bridge link set cost 5
bridge link show master br0
bridge link show dev nosuch
bridge -j link
bridge -j -p link show dev v2
bridge -s link show dev v2 | wc -l
bridge link frob
ip link set e1 type bridge_slave cost 5
ip link set br0 type bridge_slave cost 5
ip link set v1 type bridge ageing_time 5
ip link show type bridge_slave
ip link show master br0
ip -br link show master br0
bridge mdb
bridge mdb show dev br0
bridge mdb add dev br0 port v1 grp 239.1.1.1
bridge mdb add dev br0 port v1 grp 239.1.1.1 permanent
bridge mdb add dev br0 port v2 grp 239.1.1.2 permanent src 10.0.0.1
bridge mdb add dev br0 port v2 grp ff0e::1
bridge mdb add dev br0 port e1 grp 239.1.1.3
bridge mdb add dev br0 port v1 grp 10.0.0.1
bridge mdb add dev br0 port v1 grp 02:00:00:00:00:01 permanent
bridge mdb show dev br0
bridge -d mdb show dev br0 | grep -v ff02
bridge mdb del dev br0 port v1 grp 239.1.1.1
bridge mdb del dev br0 port v1 grp 239.1.1.1
ip link set br0 type bridge mcast_snooping 0
bridge mdb show dev br0
ip link set br0 type bridge mcast_snooping 1
