# bridge fdb: add, append, replace, del, get, show, flush
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
bridge fdb show
ip link set va master br0
ip link set vc master br0
for d in br0 va vb vc vd; do sysctl -q -w net.ipv6.conf.$d.disable_ipv6=1; ip link set $d up; done
sleep 1
bridge fdb
bridge fdb show br br0
bridge fdb show dev va
bridge fdb show brport va
bridge fdb show dev br0
bridge fdb show dev vb
bridge fdb add 02:00:00:00:00:aa dev va master static
bridge fdb add 02:00:00:00:00:aa dev va master static
bridge fdb add 02:00:00:00:00:aa dev vc master
bridge fdb add 02:00:00:00:00:ab dev va master
bridge fdb add 02:00:00:00:00:ac dev va master dynamic
bridge fdb add 02:00:00:00:00:ad dev va master local
bridge fdb add 02:00:00:00:00:ae dev va master permanent
bridge fdb add 02:00:00:00:00:af dev va master static sticky
bridge fdb add 02:00:00:00:00:b0 dev va master extern_learn
bridge fdb add 02:00:00:00:00:b1 dev va
bridge fdb add 02:00:00:00:00:b2 dev va self
bridge fdb add 02:00:00:00:00:b3 dev br0
bridge fdb add 02:00:00:00:00:b4 dev br0 self
bridge fdb add 02:00:00:00:00:b5 dev br0 self local
bridge fdb add 02:00:00:00:00:b6 dev va master vlan 5 static
bridge fdb add 02:00:00:00:00:b7 dev vb master
bridge fdb add 01:00:5e:00:00:05 dev va
bridge fdb add 01:00:5e:00:00:06 dev va master static
bridge fdb add 02:00:00:00:00 dev va master
bridge fdb add foo dev va master
bridge fdb add 02:00:00:00:00:b8 dev nosuch master
bridge fdb add 02:00:00:00:00:b8
bridge fdb add dev va
bridge fdb add 02:00:00:00:00:b9 dev va master foo
bridge fdb add 00:00:00:00:00:00 dev va master static
bridge fdb append 02:00:00:00:00:ba dev va master static
bridge fdb append 02:00:00:00:00:ba dev va master static
bridge fdb replace 02:00:00:00:00:aa dev vc master static
bridge fdb replace 02:00:00:00:00:bb dev vc master static
bridge fdb show br br0
bridge fdb show dev va
bridge fdb show br br0 dynamic
bridge fdb show br br0 static
bridge -j fdb show dev vc
bridge -j -p fdb show brport vc
bridge -d fdb show dev vc
bridge -s fdb show dev vc | sed 's/used [0-9/]*/used #/'
bridge fdb get 02:00:00:00:00:aa br br0
bridge fdb get 02:00:00:00:00:aa dev vc master
bridge fdb get 02:00:00:00:00:aa dev va master
bridge fdb get 02:00:00:00:00:cc br br0
bridge fdb get to 02:00:00:00:00:b0 br br0
bridge fdb get
bridge fdb show br nosuch
bridge fdb show dev nosuch
bridge fdb del 02:00:00:00:00:aa dev va master
bridge fdb del 02:00:00:00:00:aa dev vc master
bridge fdb del 02:00:00:00:00:aa dev vc master
bridge fdb del 02:00:00:00:00:b2 dev va self
bridge fdb del 01:00:5e:00:00:05 dev va self
bridge fdb del 02:00:00:00:00:01 dev va master
bridge fdb del 02:00:00:00:00:b3 dev br0 self
brctl showmacs br0 | sed 's/[0-9.]*$//'
bridge fdb flush dev br0
bridge fdb flush br br0
ip link set br0 type bridge fdb_flush
bridge fdb show br br0
ip link set va nomaster
bridge fdb show
