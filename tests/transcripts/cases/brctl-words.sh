# brctl: every verb and its errors
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
brctl
brctl foo
brctl --version
brctl show
brctl addbr
brctl addbr br0
brctl addbr br0
brctl addbr averyveryverylongname
brctl addbr va
ip link set br0 address 02:00:00:00:00:f0
brctl show
brctl addif
brctl addif br0
brctl addif nosuch va
brctl addif br0 nosuch
brctl addif br0 va
brctl addif br0 va
brctl addif br0 lo
brctl addif br0 br0
brctl addif br0 vc vd
brctl addif va vb
brctl addbr br1
brctl addif br1 va
brctl addif br0 br1
brctl show
brctl show br0
brctl show nosuch
brctl show va
brctl show br0 br1 | sed 's/8000.[0-9a-f]*/id/'
brctl delif br0
brctl delif br0 vb
brctl delif br0 nosuch
brctl delif nosuch va
brctl delif br0 vc vd
brctl delif br0 vc
brctl delbr
brctl delbr nosuch
brctl delbr va
ip link set br1 up
brctl delbr br1
ip link set br1 down
brctl delbr br1
brctl setageing br0 100
brctl setageing br0 abc
brctl setageing br0
brctl setageing nosuch 10
brctl setfd br0 4
brctl setfd br0 1
brctl setfd br0 31
brctl sethello br0 1
brctl sethello br0 11
brctl setmaxage br0 6
brctl setmaxage br0 41
brctl setbridgeprio br0 4096
brctl setbridgeprio br0 65536
brctl setbridgeprio br0 abc
brctl setportprio br0 va 16
brctl setportprio br0 va 64
brctl setportprio br0 vb 16
brctl setpathcost br0 va 42
brctl setpathcost br0 va 0
brctl setpathcost br0 va 65536
brctl hairpin br0 va on
brctl hairpin br0 va maybe
brctl hairpin br0 vb on
brctl stp br0 on
brctl stp br0 maybe
brctl stp nosuch on
brctl stp br0
brctl showstp br0 | sed "s/gc timer.*/gc timer/"
brctl showstp nosuch
brctl showstp
brctl showmacs br0
brctl showmacs nosuch
brctl showmacs va
brctl showmacs
brctl show
ip -d link show va | grep -o 'priority [0-9]* cost [0-9]* hairpin [a-z]*'
brctl stp br0 no
brctl stp br0 yes
brctl setgcint br0 4
