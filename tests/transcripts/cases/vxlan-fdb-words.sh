# bridge fdb on a vxlan: what it takes, refuses and prints
ip link add u0 type veth peer name u1; ip link set u0 up; ip link set u1 up; ip addr add 192.168.0.1/24 dev u0
ip link add vx type vxlan id 42 dstport 4789 local 192.168.0.1; ip link set vx up; ip link add br0 type bridge; ip link set br0 up; ip link add vb type vxlan id 43 dstport 4789 local 192.168.0.1; ip link set vb master br0 up
bridge fdb add 02:00:00:00:00:01 dev vx
bridge fdb add 02:00:00:00:00:01 dev vx dst 192.168.0.2
bridge fdb add 02:00:00:00:00:01 dev vx dst 192.168.0.2
bridge fdb add 02:00:00:00:00:01 dev vx dst 192.168.0.3
bridge fdb append 02:00:00:00:00:01 dev vx dst 192.168.0.3
bridge fdb append 02:00:00:00:00:01 dev vx dst 192.168.0.2
bridge fdb replace 02:00:00:00:00:01 dev vx dst 192.168.0.4
bridge fdb show dev vx
bridge fdb add 02:00:00:00:00:02 dev vx dst 192.168.0.2 port 4790 vni 7 via u0
bridge fdb add 02:00:00:00:00:03 dev vx dst 192.168.0.2 port 4789 vni 42
bridge fdb add 02:00:00:00:00:04 dev vx dst 192.168.0.2 src_vni 42
bridge fdb add 02:00:00:00:00:05 dev vx dst 192.168.0.2 src_vni 9
bridge fdb add 02:00:00:00:00:06 dev vx dst fd00::2
bridge fdb add 02:00:00:00:00:07 dev vx dst 192.168.0.2 dynamic
bridge fdb add 02:00:00:00:00:08 dev vx dst 192.168.0.2 static
bridge fdb add 02:00:00:00:00:09 dev vx dst 192.168.0.2 router
bridge fdb add 02:00:00:00:00:0a dev vx dst 192.168.0.2 extern_learn
bridge fdb add 02:00:00:00:00:0b dev vx dst 192.168.0.2 sticky
bridge fdb add 02:00:00:00:00:0c dev vx dst 192.168.0.2 use
bridge fdb add 02:00:00:00:00:0d dev vx dst 192.168.0.2 vlan 5
bridge fdb add 02:00:00:00:00:0e dev vx dst 192.168.0.2 via nosuch
bridge fdb add 02:00:00:00:00:0f dev vx nhid 1
bridge fdb add 02:00:00:00:00:10 dev vx dst 239.1.1.1
bridge fdb add 02:00:00:00:00:11 dev vx dst 192.168.0.1
bridge fdb add 01:00:5e:00:00:01 dev vx dst 192.168.0.5
bridge fdb append 01:00:5e:00:00:01 dev vx dst 192.168.0.6
bridge fdb add 02:00:00:00:00:12 dev vx dst 0.0.0.0
bridge fdb replace 00:00:00:00:00:00 dev vx dst 192.168.0.2
bridge fdb append 00:00:00:00:00:00 dev vx dst 192.168.0.3 port 4790
bridge fdb replace 00:00:00:00:00:00 dev vx dst 192.168.0.4
bridge fdb add 02:00:00:00:00:13 dev vx master
bridge fdb add 02:00:00:00:00:13 dev vx local
bridge fdb add 02:00:00:00:00:14 dev u0 dst 192.168.0.2
bridge fdb show dev vx
bridge -j fdb show dev vx
bridge -p -j fdb show dev vx | head -20
bridge -s fdb show dev vx | head -3 | sed 's/used [0-9]*\/[0-9]*/used N/'
bridge fdb get 02:00:00:00:00:02 dev vx
bridge fdb get 02:00:00:00:00:02 dev vx self
bridge fdb get 02:00:00:00:00:99 dev vx self
bridge fdb get 02:00:00:00:00:02 dev vx vni 42 self
bridge fdb del 02:00:00:00:00:02 dev vx
bridge fdb del 02:00:00:00:00:02 dev vx dst 192.168.0.2
bridge fdb del 02:00:00:00:00:03 dev vx dst 192.168.0.9
bridge fdb del 02:00:00:00:00:03 dev vx dst 192.168.0.2
bridge fdb del 02:00:00:00:00:03 dev vx dst 192.168.0.2
bridge fdb del 01:00:5e:00:00:01 dev vx dst 192.168.0.5
bridge fdb del 01:00:5e:00:00:01 dev vx dst 192.168.0.6
bridge fdb del 00:00:00:00:00:00 dev vx
bridge fdb append 00:00:00:00:00:00 dev vx dst 192.168.0.2
bridge fdb append 00:00:00:00:00:00 dev vx dst 192.168.0.3
bridge fdb del 00:00:00:00:00:00 dev vx
bridge fdb show dev vx | sort
bridge fdb add 02:00:00:00:00:21 dev vb dst 192.168.0.2
bridge fdb add 02:00:00:00:00:22 dev vb dst 192.168.0.2 self master
bridge fdb add 02:00:00:00:00:23 dev vb master static
bridge fdb append 02:00:00:00:00:24 dev vb master
bridge fdb append 02:00:00:00:00:25 dev vb dst 192.168.0.2 self permanent
bridge fdb show dev vb
bridge fdb show br br0
bridge fdb flush dev vb self
bridge fdb show dev vb
bridge fdb flush dev vx nopermanent
bridge fdb show dev vx
bridge fdb flush dev vx permanent
bridge fdb show dev vx
bridge fdb add 02:00:00:00:00:31 dev vx dst 192.168.0.2 vni 16777216
bridge fdb add 02:00:00:00:00:31 dev vx dst 192.168.0.2 port 70000
bridge fdb add 02:00:00:00:00:31 dev vx dst nosuch.invalid
bridge fdb change 02:00:00:00:00:31 dev vx dst 192.168.0.2
bridge fdb replace 02:00:00:00:00:31 dev vx dst 192.168.0.2
bridge fdb replace 02:00:00:00:00:31 dev vx dst 192.168.0.2 port 99
bridge fdb show dev vx
ip link set vx down
bridge fdb show dev vx
bridge fdb add 02:00:00:00:00:32 dev vx dst 192.168.0.2
ip link set vx up
bridge fdb show dev vx
ip link add vr type vxlan id 50 dstport 4789 remote 192.168.0.2
bridge fdb show dev vr
bridge fdb del 00:00:00:00:00:00 dev vr dst 192.168.0.2
bridge fdb show dev vr
ip -d link show vr | tail -1
bridge fdb append 00:00:00:00:00:00 dev vr dst 192.168.0.3
bridge fdb show dev vr
ip link set vr type vxlan remote 192.168.0.5
bridge fdb show dev vr
