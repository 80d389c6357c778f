# groups by hand, VLANs on a kernel without VLAN filtering, settings of ports
ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add va address 02:00:00:00:00:01 type veth peer name vb
ip link add vc type veth peer name vd
ip link set va master br0
bridge mdb add dev br0 port va grp 239.1.1.1 permanent
bridge mdb
bridge -j mdb
bridge -d mdb
ip link set br0 up
bridge mdb add dev br0 port va grp 239.1.1.1
bridge mdb add dev br0 port va grp 239.1.1.1 permanent
bridge mdb add dev br0 port va grp 239.1.1.1 permanent
bridge mdb add dev br0 port br0 grp 239.1.1.1
bridge mdb add dev br0 port br0 grp 239.1.1.1
bridge mdb add dev br0 port br0 grp 239.1.1.9 permanent
bridge mdb add dev br0 port va grp 01:00:5e:00:00:09
bridge mdb add dev br0 port va grp 01:00:5e:00:00:09 permanent
bridge mdb add dev br0 port va grp 02:00:5e:00:00:09 permanent
bridge mdb add dev br0 port va grp ff02::1 permanent
bridge mdb add dev br0 port va grp fd00::1 permanent
bridge mdb add dev br0 port va grp ff05::5 permanent
bridge mdb add dev br0 port va grp 224.0.0.5 permanent
bridge mdb add dev br0 port va grp 0.0.0.0 permanent
bridge mdb add dev br0 port va grp :: permanent
bridge mdb add dev br0 port vc grp 239.1.1.2 permanent
bridge mdb add dev br0 port nosuch grp 239.1.1.2 permanent
bridge mdb add dev nosuch port va grp 239.1.1.2 permanent
bridge mdb add dev va port va grp 239.1.1.2 permanent
bridge mdb add dev br0 port va grp foo permanent
bridge mdb add dev br0 port va grp 239.1.1.3 src 10.0.0.1 permanent
bridge mdb add dev br0 port va grp 239.1.1.3 src foo permanent
bridge mdb add dev br0 port va grp 239.1.1.4 vid 5 permanent
bridge mdb add dev br0 port va grp 239.1.1.4 vid 5000 permanent
bridge mdb add dev br0 port va
bridge mdb add
bridge mdb foo
bridge mdb help
bridge mdb show dev nosuch
bridge mdb show dev va
ip link set va up
ip link set vb up
sleep 1
bridge mdb add dev br0 port va grp 239.1.1.7
bridge mdb add dev br0 port va grp 239.1.1.8 temp
bridge mdb
bridge -d mdb
bridge -s mdb | sed 's/[0-9]*\.[0-9][0-9]$/#/'
bridge -d -s -j mdb | sed "s,[0-9]*[.][0-9][0-9],#,g"
bridge -j -p mdb show dev br0
bridge mdb del dev br0 port va grp 239.1.1.8
bridge mdb del dev br0 port va grp 239.1.1.8
bridge mdb del dev br0 port br0 grp 239.1.1.1
bridge mdb del dev br0 port br0 grp 239.1.1.1
bridge mdb del dev br0 port vc grp 239.1.1.1
bridge mdb del dev br0 port va grp 01:00:5e:00:00:09
bridge mdb show vid 3
ip link set va type bridge_slave mcast_router 2
bridge -d mdb
bridge -d -s mdb | tail -1
bridge -d -j mdb | jq -c .[].router
ip link set va down
bridge mdb
ip link set br0 type bridge mcast_snooping 0
bridge mdb
bridge mdb add dev br0 port va grp 239.1.1.9 permanent
ip link set br0 down
bridge mdb add dev br0 port va grp 239.1.1.9 permanent
bridge monitor help
bridge mon foo
bridge vlan help
bridge vlan add vid 10
bridge vlan add dev va
bridge vlan add vid 10 dev nosuch
bridge vlan add vid 20-10 dev va
bridge vlan show vid 5
bridge vlan tunnelshow
bridge -d vlan
bridge -s vlan
bridge vlan global show
bridge vlan global
bridge vlan set vid 3 dev va state forwarding
bridge vlan set vid 3 dev va
bridge vni
bridge vni show
bridge vni add vni 5 dev va
bridge vlan add vid 10 dev va self
bridge vlan del vid 10 dev br0 self
bridge vlan show dev nosuch
bridge vlan add vid 10 dev va master
bridge vlan add vid 0 dev va
bridge vlan del vid 10 dev vb
bridge link set dev va hwmode vepa
bridge link set dev va hwmode foo
bridge link set dev br0 cost 5
bridge link set dev va cost 5 self
bridge link set dev va cost 5 master
bridge link set dev va backup_port nosuch
bridge link set dev va backup_port va
bridge link set dev va backup_port vc
bridge link set dev va mcast_router 5
bridge link set dev va mcast_router 2
bridge link set dev va locked on learning_sync on vlan_tunnel on mcast_to_unicast on
bridge -d link show dev va
bridge link set help
bridge link help
bridge link show dev
bridge link show dev va dev vb
bridge link show foo
bridge link set dev va priority abc
bridge link set dev va state 3x
bridge link set dev va state -1
bridge link set dev va state Forwarding
bridge -o -d link show dev va
bridge -V -x
bridge -d -d
bridge help
bridge -s -d -j -p link show dev va
