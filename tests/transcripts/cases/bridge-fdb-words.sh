# every word of bridge fdb, and what the kernel answers
ip link add br0 type bridge
ip link add va address 02:00:00:00:00:01 type veth peer name vb
ip link set va master br0
ip link set va up
ip link set vb up
ip link set br0 up
bridge fdb get 02:00:00:00:00:01 dev va
bridge fdb get 02:00:00:00:00:01 dev va self
bridge fdb get 02:00:00:00:00:01 dev vb
bridge fdb get 02:00:00:00:00:01 dev vb master
bridge fdb get 02:00:00:00:00:01 br vb
bridge fdb get 02:00:00:00:00:01 br br0 dev va
bridge fdb get 02:00:00:00:00:01 dev br0
bridge fdb get 02:00:00:00:00:01 dev br0 self
bridge fdb get 02:00:00:00:00:01 br br0 vlan 5
bridge -j fdb get 02:00:00:00:00:01 br br0
bridge fdb flush dev va
bridge fdb flush dev va master
bridge fdb flush dev va master static
bridge fdb flush dev vb
bridge fdb flush dev vb master
bridge fdb flush dev br0 brport va
bridge fdb flush dev br0 brport vb
bridge fdb flush dev br0 brport nosuch
bridge fdb flush dev nosuch
bridge fdb flush dev br0 vlan 5000
bridge fdb flush dev br0 vlan 5
bridge fdb flush dev br0 extern_learn
bridge fdb flush dev br0 dynamic
bridge fdb flush dev br0 offloaded
bridge fdb flush dev br0 help
bridge fdb show dev va | head -3
bridge fdb add 02:00:00:00:00:b6 dev va master vlan 0 static
bridge fdb add 02:00:00:00:00:b6 dev va master vlan 5000 static
bridge fdb add 02:00:00:00:00:b6 dev va static
bridge fdb add 02:00:00:00:00:b6 dev va self master static
bridge fdb add 02:00:00:00:00:b7 dev va self vlan 3
bridge fdb add 02:00:00:00:00:b8 dev va self
bridge fdb add 02:00:00:00:00:b8 dev va self
bridge fdb replace 02:00:00:00:00:b8 dev va self
bridge fdb del 02:00:00:00:00:b9 dev va self
bridge fdb del 02:00:00:00:00:b8 dev va self static
bridge fdb add 02:00:00:00:00:c1 dev va dst 10.0.0.1
bridge fdb add 02:00:00:00:00:c2 dev va dst 10.0.0.1 nhid 5
bridge fdb add 02:00:00:00:00:c2 dev va master use
bridge fdb add 02:00:00:00:00:c3 dev va master use dynamic
bridge fdb add 02:00:00:00:00:c4 dev va master router
bridge fdb add 02:00:00:00:00:c5 dev va master sticky
bridge fdb add 02:00:00:00:00:c6 dev br0 extern_learn
bridge fdb add 02:00:00:00:00:c7 dev br0 static
bridge fdb add 02:00:00:00:00:c7 dev br0 extern_learn dynamic
bridge fdb add 02:00:00:00:00:c8 dev lo
bridge fdb add 02:0:0:0:0:c9 dev va master temp
bridge fdb add 02:00:00:00:00:ca:ff dev va master temp
bridge fdb add 02:00:00:00:00:cb dev va master vni 99999999
bridge fdb add 02:00:00:00:00:cc dev va master vni 9 port 70000
bridge fdb add 02:00:00:00:00:cc dev va master dst foo
bridge fdb add 02:00:00:00:00:cc dev va master dst
bridge fdb add 02:00:00:00:00:cc dev va master via nosuch
bridge fdb add 02:00:00:00:00:cd dev va master nhid abc
bridge fdb add 02:00:00:00:00:cd dev va master vlan 3 vlan 3
bridge fdb add 02:00:00:00:00:cd dev va master dst 1.1.1.1 dst 1.1.1.1
bridge fdb show br br0 state permanent
bridge fdb show br br0 state stale
bridge fdb show br br0 state foo
bridge fdb show br br0 state 0x40
bridge fdb show br va
bridge fdb show br br0 brport va
bridge fdb show foo
bridge fdb show vlan 5
bridge fdb show dev lo
bridge -s -j fdb show dev va | sed 's/:[0-9]*,/:#,/g'
bridge fdb help
bridge fdb show help
bridge fdb s br br0 | wc -l
bridge fdb app 02:00:00:00:00:d0 dev va mas st
bridge fdb f
bridge f | wc -l
bridge -x
bridge -family foo link
bridge -n nosuch link
bridge -n
bridge -batch /nonexist
