# bridge link, vlan, mdb: set and show
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
ip link set va master br0
ip link set vc master br0
for d in br0 va vb vc; do ip link set $d up; done
sleep 1
bridge link
bridge link show
bridge link show dev va
bridge l sh dev vc
bridge link show dev vb
bridge link show dev br0
bridge link show dev nosuch
bridge -d link
bridge -d link show dev va
bridge -s link show dev vc
bridge -j link
bridge -j -p link show dev va
bridge -d -j link show dev va
bridge link set dev va cost 10
bridge link set dev va priority 5
bridge link set dev va priority 100
bridge link set dev va cost 0
bridge link set dev va hairpin on
bridge link set dev va guard on
bridge link set dev va root_block on
bridge link set dev va fastleave on
bridge link set dev va learning off flood off mcast_flood off bcast_flood off
bridge link set dev va isolated on
bridge link set dev va neigh_suppress on
bridge link set dev va state blocking
bridge link set dev va state 2
bridge link set dev va state foo
bridge link set dev va state 9
bridge link set dev va learning maybe
bridge link set dev va foo on
bridge link set dev nosuch cost 5
bridge link set dev vb cost 5
bridge link set cost 5
bridge link set
bridge -d link show dev va
bridge link set dev vc state listening
bridge link
bridge link set dev vc state disabled
bridge link show dev vc
ip link set vc down
bridge link show dev vc
bridge vlan
bridge vlan show
bridge vlan show dev va
bridge vlan add vid 10 dev va
bridge vlan add vid 20-22 dev va pvid untagged
bridge vlan add vid 10 dev br0 self
bridge vlan add vid 5000 dev va
bridge vlan add vid 10 dev vb
bridge vlan
bridge -j vlan
bridge -j -p vlan show dev vc
bridge vlan del vid 1 dev va
bridge vlan del vid 20-21 dev va
bridge vlan del vid 77 dev va
bridge vlan show dev va
bridge mdb
bridge mdb show dev br0
bridge mdb add dev br0 port va grp 239.1.1.1 permanent
bridge mdb add dev br0 port va grp 239.1.1.1
bridge mdb add dev br0 port vb grp 239.1.1.1
bridge mdb add dev br0 port va grp 10.0.0.1
bridge mdb show | grep 239
bridge mdb del dev br0 port va grp 239.1.1.1
bridge mdb del dev br0 port va grp 239.1.1.1
bridge
bridge foo
bridge link foo
bridge fdb foo
bridge vlan foo
bridge -V
