# Recorded on Linux 6.1 (Debian's user-mode kernel): VLAN-aware bridges, what is shown of them.
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1
ip link add p1 address 02:00:00:00:01:01 type veth peer name h1 address 02:00:00:00:01:02
ip link add p2 address 02:00:00:00:02:01 type veth peer name h2 address 02:00:00:00:02:02
ip link add p3 address 02:00:00:00:03:01 type veth peer name h3 address 02:00:00:00:03:02
bridge vlan show
bridge fdb show br br0
ip link set p1 master br0
ip link set p2 master br0
bridge vlan show
bridge vlan
bridge -c vlan show
bridge -j vlan show
bridge -j -p vlan show
bridge -d vlan show
bridge -s vlan show
bridge -j -s vlan show
bridge vlan show dev p1
bridge vlan show dev h1
bridge vlan show dev nosuch
bridge vlan show vid 1
bridge vlan show vid 2
bridge fdb show
bridge -j fdb show br br0
bridge vlan add dev p1 vid 10
bridge vlan add dev p1 vid 20-25
bridge vlan add dev p2 vid 10 pvid untagged
bridge vlan add dev p2 vid 30 untagged
bridge vlan show
bridge -c vlan show
bridge -j vlan show
bridge -compressvlans vlan show
bridge -compressvlans -j vlan show
bridge -s vlan show dev p1
bridge -c -s vlan show dev p1
bridge -d vlan show dev p1
bridge vlan show vid 22
bridge vlan show vid 10
bridge fdb show br br0
bridge fdb show br br0 vlan 10
bridge fdb show vlan 20
bridge vlan add dev br0 vid 10 self
bridge vlan add dev br0 vid 11
bridge vlan add dev br0 vid 12 master
bridge vlan add dev br0 vid 30-32 self pvid untagged
bridge vlan add dev br0 vid 30-32 self untagged
bridge vlan show dev br0
bridge fdb show dev br0
bridge vlan del dev br0 vid 31-32 self
bridge vlan del dev br0 vid 1 self
bridge vlan show dev br0
bridge vlan add dev br0 vid 30 self pvid
bridge vlan show dev br0
bridge vlan add dev br0 vid 30 self untagged
bridge vlan show dev br0
bridge vlan del dev p1 vid 22
bridge vlan del dev p1 vid 99
bridge vlan show dev p1
bridge -c vlan show dev p1
bridge vlan del dev p1 vid 23-25
bridge vlan show dev p1
bridge vlan del dev p1 vid 1
bridge vlan show dev p1
bridge fdb show dev p1
bridge vlan add dev p3 vid 5
bridge vlan add dev h1 vid 5
bridge vlan del dev h1 vid 5
bridge vlan add dev p1 vid 0
bridge vlan add dev p1 vid 4095
bridge vlan add dev p1 vid 4096
bridge vlan add dev p1 vid 20-10
bridge vlan add dev p1 vid 4000-4095
bridge vlan add dev p1
bridge vlan add vid 5
bridge vlan add dev nosuch vid 5
bridge vlan add dev p1 vid abc
bridge vlan add dev p1 vid 20-25 pvid
bridge vlan add dev p1 vid 50 self
bridge vlan show dev p1
ip link set p3 master br0
bridge vlan show dev p3
ip -d link show br0 | grep -o 'vlan_[a-z_]* [^ ]*'
ip link set br0 type bridge vlan_default_pvid 7
bridge vlan show
ip link set br0 type bridge vlan_default_pvid 0
bridge vlan show
ip link set br0 type bridge vlan_default_pvid 4095
ip link set br0 type bridge vlan_default_pvid 10
bridge vlan show
ip link set br0 type bridge vlan_protocol 802.1ad
ip -d link show br0 | grep -o 'vlan_[a-z_]* [^ ]*'
ip -d link show br0 | grep -o 'group_address [^ ]*'
ip link set br0 type bridge vlan_protocol 802.1q
ip link set br0 type bridge vlan_protocol 802.3
ip link set br0 type bridge vlan_stats_enabled 1
ip link set br0 type bridge vlan_stats_per_port 1
ip -d link show br0 | grep -o 'vlan_[a-z_]* [^ ]*'
ip link set br0 type bridge vlan_filtering 0
ip link set br0 type bridge vlan_filtering 2
ip -d link show br0 | grep -o 'vlan_[a-z_]* [^ ]*'
ip link set p1 nomaster
bridge vlan show
bridge fdb show br br0
ip link set p1 master br0
ip link set p1 address 02:00:00:00:01:aa
bridge fdb show dev p1
ip link set br0 address 02:00:00:00:00:bb
bridge fdb show dev br0
bridge fdb add 02:00:00:00:99:01 dev p1 master
bridge fdb add 02:00:00:00:99:02 dev p1 master vlan 10
bridge fdb add 02:00:00:00:99:03 dev p1 master vlan 77
bridge fdb add 02:00:00:00:99:04 dev p2 master static
bridge fdb add 02:00:00:00:99:05 dev br0 self local
bridge fdb show br br0 | grep 99:0
bridge fdb del 02:00:00:00:99:01 dev p1 master vlan 10
bridge fdb del 02:00:00:00:99:01 dev p1 master vlan 77
bridge fdb show br br0 | grep 99:01
bridge fdb del 02:00:00:00:99:01 dev p1 master
bridge fdb del 02:00:00:00:99:01 dev p1 master
bridge fdb show br br0 | grep 99:01
bridge fdb get 02:00:00:00:99:02 dev p1 master vlan 10
bridge fdb get 02:00:00:00:99:04 br br0 vlan 30
bridge fdb get 02:00:00:00:99:04 br br0
bridge fdb get 02:00:00:00:99:09 br br0 vlan 30
bridge fdb flush dev br0 vlan 10
bridge fdb show br br0 vlan 10
brctl show
brctl showmacs br0
bridge vlan tunnelshow
bridge vlan help
