# brctl inside a namespace (there it reads sysfs): same verbs, hairpin works, times come out right
ip netns add s
ip -n s link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip -n s link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
ip netns exec s brctl addbr br0
ip -n s link set br0 address 02:00:00:00:00:f0
ip netns exec s brctl addif br0 va vc
ip netns exec s brctl addif br0 va
ip netns exec s brctl addif br0 lo
ip netns exec s brctl addif nosuch va
ip netns exec s brctl show
ip netns exec s brctl show br0
ip netns exec s brctl show nosuch
ip netns exec s brctl show va
ip -n s link set br0 up; ip -n s link set va up; ip -n s link set vb up
ip netns exec s brctl setageing br0 100
ip netns exec s brctl setageing nosuch 100
ip netns exec s brctl setfd br0 4
ip netns exec s brctl sethello br0 1
ip netns exec s brctl sethello br0 11
ip netns exec s brctl setmaxage br0 10
ip netns exec s brctl setmaxage br0 41
ip netns exec s brctl setbridgeprio br0 4096
ip netns exec s brctl setbridgeprio br0 65536
ip netns exec s brctl setbridgeprio br0 100
ip netns exec s brctl setportprio br0 va 16
ip netns exec s brctl setportprio br0 va 64
ip netns exec s brctl setportprio br0 vb 16
ip netns exec s brctl setpathcost br0 va 42
ip netns exec s brctl setpathcost br0 va 0
ip netns exec s brctl setpathcost br0 va 65536
ip netns exec s brctl hairpin br0 va on
ip netns exec s brctl hairpin br0 vb on
ip netns exec s brctl hairpin br0 nosuch on
ip -n s -d link show va | grep -o 'hairpin [a-z]*'
ip netns exec s brctl showstp br0 | grep -v timer
ip netns exec s brctl hairpin br0 va off
ip netns exec s brctl stp br0 on
ip netns exec s brctl stp br0 off
ip netns exec s brctl stp nosuch on
ip netns exec s brctl showmacs br0
ip netns exec s brctl showmacs nosuch
ip netns exec s brctl showmacs va
ip netns exec s brctl delif br0 vb
ip netns exec s brctl delif br0 vc
ip netns exec s brctl delbr br0
ip -n s link set br0 down
ip netns exec s brctl delbr br0
ip netns exec s brctl show
nsenter --net=/run/netns/s brctl addbr br9
nsenter --net=/run/netns/s brctl showstp br9 | sed 's/0\{4\}\.[0-9a-f]*/id/; s/gc timer.*/gc timer/; s/8000\.[0-9a-f]*/id/'
ip netns exec s brctl showstp br9 | sed 's/8000\.[0-9a-f]*/id/; s/gc timer.*/gc timer/'
