# bridge vlan and vni, colours, batches
ip link add br0 type bridge
ip link add va type veth peer name vb
ip link set va master br0
bridge vlan | cat -A
bridge -s vlan | cat -A
bridge -o vlan | cat -A
bridge -c vlan | cat -A
bridge -compressvlans vlan | cat -A
bridge -d vlan | cat -A
bridge -d -j vlan
bridge -j -d vlan show
bridge -s -j vlan
bridge -j vlan tunnelshow
bridge vlan tunnelshow | cat -A
bridge -j vlan global
bridge vlan global show | cat -A
bridge vlan global foo
bridge vlan global set
bridge vlan global set vid 3 dev br0
bridge vlan global set vid 3 dev br0 mcast_snooping abc
bridge vlan set
bridge vlan set vid 3 dev va state foo
bridge vlan set dev nosuch
bridge vlan show dev va dev vb
bridge vlan show vid 3 vid 4
bridge vlan show foo
bridge vlan show dev
bridge vlan add vid 10 dev va pvid untagged
bridge vlan add vid 10 dev br0
bridge vlan add vid 4095 dev va
bridge vlan add vid 5 dev va tunnel_info id 5
bridge vlan add vid 5 dev va tunnel_info foo
bridge vlan add vid 5 dev va tunnel_info id abc
bridge vlan add vid abc dev va
bridge vlan add vid 5-4096 dev va
bridge vlan add vid -5 dev va
bridge vlan add help
bridge vlan del vid 5000 dev va
bridge vlan del vid 5 dev vb self
bridge vlan add vid 5 dev va self
bridge vlan del vid 0 dev va
bridge vni | cat -A
bridge -j vni
bridge vni foo
bridge vni help
bridge monitor all bar
bridge link set dev va learning
bridge link set dev br0 cost 5 self
bridge -c link | cat -A
bridge -j mdb
bridge fdb add 2:0:0:0:0:123 dev va master static
bridge fdb add 0x02:0:0:0:0:5 dev va master static
bridge fdb show br br0 | grep static
bridge fdb flush dev br0 vlan 0
bridge fdb flush dev br0 vlan 4095
bridge fdb flush dev br0 foo
printf 'fdb add 02:00:00:00:00:77 dev va master static\nfdb add 02:00:00:00:00:77 dev va master static\nlink\n' > b
bridge -batch b
bridge -force -batch b
printf 'link set dev va foo\nlink\n' > b
bridge -force -batch b | tail -2
printf 'nosuch\n\nlink # c\n' > b
bridge -force -batch b
bridge -force -b b
bridge -bat - < b
