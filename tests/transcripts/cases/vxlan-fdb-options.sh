# fdb of a VXLAN device: add, append, replace, change, del, get, flush, counters
ip link add u0 type veth peer name u1; ip link set u0 up; ip link set u1 up; ip addr add 192.168.0.1/24 dev u0
ip link add vx address 02:00:00:00:dd:01 type vxlan id 42 dstport 4789 local 192.168.0.1; ip link set vx up
bridge fdb add 02:00:00:00:00:11 dev vx dst 192.168.0.2
bridge fdb add 02:00:00:00:00:11 dev vx dst 192.168.0.2
bridge fdb add 02:00:00:00:00:11 dev vx dst 192.168.0.3
bridge fdb append 02:00:00:00:00:11 dev vx dst 192.168.0.3
bridge fdb append 02:00:00:00:00:11 dev vx dst 192.168.0.3
bridge fdb replace 02:00:00:00:00:11 dev vx dst 192.168.0.4; bridge fdb show dev vx
bridge fdb change 02:00:00:00:00:12 dev vx dst 192.168.0.4
bridge fdb add 02:00:00:00:00:12 dev vx dst 192.168.0.5 vni 43 port 8472 via u0
bridge fdb add 02:00:00:00:00:13 dev vx dst 192.168.0.5 src_vni 42
bridge fdb add 02:00:00:00:00:14 dev vx
bridge fdb add 02:00:00:00:00:14 dev vx dst 0.0.0.0
bridge fdb add 00:00:00:00:00:00 dev vx dst 239.1.1.1 via u0
bridge fdb add 02:00:00:00:00:15 dev vx dst 192.168.0.6 permanent; bridge fdb add 02:00:00:00:00:16 dev vx dst 192.168.0.6 dynamic; bridge fdb add 02:00:00:00:00:17 dev vx dst 192.168.0.6 static; bridge fdb add 02:00:00:00:00:18 dev vx dst 192.168.0.6 extern_learn; bridge fdb add 02:00:00:00:00:19 dev vx dst 192.168.0.6 router
bridge fdb show dev vx
bridge -d fdb show dev vx
bridge fdb get 02:00:00:00:00:12 dev vx
bridge fdb get 02:00:00:00:00:99 dev vx
bridge fdb get 02:00:00:00:00:12 dev vx vni 42
bridge -j fdb show dev vx | jq -c '.[]'
bridge -s fdb show dev vx | sed 's/used [0-9/]*/used #/'
bridge fdb add 02:00:00:00:00:20 dev vx dst 192.168.0.7 master
bridge fdb add 02:00:00:00:00:20 dev vx nhid 5
bridge fdb add 02:00:00:00:00:20 dev vx dst nowhere; bridge fdb add 02:00:00:00:00:20 dev vx dst 192.168.0.7 vni 16777216; bridge fdb add 02:00:00:00:00:20 dev vx dst 192.168.0.7 port x; bridge fdb add 02:00:00:00:00:20 dev vx dst 192.168.0.7 via nosuch
bridge fdb del 02:00:00:00:00:12 dev vx dst 192.168.0.5
bridge fdb del 02:00:00:00:00:12 dev vx
bridge fdb del 02:00:00:00:00:12 dev vx
bridge fdb flush dev vx
bridge fdb flush dev vx self
bridge fdb show dev vx
bridge fdb show brport vx; bridge fdb show br br9; bridge fdb show state permanent dev vx; bridge fdb show dynamic dev vx
