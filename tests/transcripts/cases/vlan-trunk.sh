# a trunk between two VLAN-aware bridges
for s in 1 2; do ip netns add sw$s; ip -n sw$s link add br0 type bridge vlan_filtering 1; ip -n sw$s link set br0 up; done
ip link add t address 02:00:00:00:00:01 netns sw1 type veth peer name t address 02:00:00:00:00:02 netns sw2
for s in 1 2; do ip -n sw$s link set t master br0 up; for v in 10 20; do ip netns add h$s$v; ip -n sw$s link add p$v address 02:00:00:00:1$s:$v type veth peer name eth0 netns h$s$v address 02:00:00:00:2$s:$v; ip -n sw$s link set p$v master br0 up; ip -n h$s$v addr add 10.0.0.$((s*100+v))/24 dev eth0; ip -n h$s$v link set eth0 up; done; done
sleep 3
ip netns exec h110 ping -c 1 -W 1 10.0.0.210
ip netns exec h110 ping -c 1 -W 1 10.0.0.220
for s in 1 2; do for v in 10 20; do bridge -n sw$s vlan del dev p$v vid 1; bridge -n sw$s vlan add dev p$v vid $v pvid untagged; bridge -n sw$s vlan add dev t vid $v; done; done
bridge -n sw1 vlan show
ip netns exec h110 ping -c 1 -W 1 10.0.0.210
ip netns exec h110 ping -c 1 -W 1 10.0.0.220
bridge -n sw1 -d vlan show dev t
bridge -n sw1 -s vlan show dev t | sed 's/[0-9]* bytes/# bytes/g;s/[0-9]* packets/# packets/g'
bridge -n sw1 -j vlan show | jq -Mc '.[]'
bridge -n sw1 vlan del dev t vid 20; ip netns exec h120 ping -c 1 -W 1 10.0.0.220
bridge -n sw1 vlan add dev t vid 5000; bridge -n sw1 vlan add dev t vid 0; bridge -n sw1 vlan add dev t vid 30-20; bridge -n sw1 vlan add dev t vid 1-3 pvid; bridge -n sw1 vlan add dev nosuch vid 1; bridge -n sw1 vlan add dev t; bridge -n sw1 vlan add vid 3
bridge -n sw1 vlan add dev br0 vid 10 self; ip -n sw1 link add link br0 name br0.10 address 02:00:00:00:33:10 type vlan id 10; ip -n sw1 addr add 10.0.0.1/24 dev br0.10; ip -n sw1 link set br0.10 up; sleep 2; ip netns exec h110 ping -c 1 -W 1 10.0.0.1; ip netns exec h120 ping -c 1 -W 1 10.0.0.1
bridge -n sw1 vlan show dev br0; ip -n sw1 -d link show br0.10 | sed 's/ numrxqueues 1//'; ip -n sw1 link set br0 type bridge vlan_default_pvid 20; bridge -n sw1 vlan show; ip -n sw1 link set br0 type bridge vlan_default_pvid 0; bridge -n sw1 vlan show dev br0
ip -n sw1 -d -j link show br0 | jq -Mc '.[0].linkinfo.info_data | [.vlan_filtering,.vlan_protocol,.vlan_default_pvid,.vlan_stats_enabled]'; ip -n sw1 link set br0 type bridge vlan_stats_enabled 1 vlan_stats_per_port 1; ip -n sw1 link set br0 type bridge vlan_protocol 802.1ad; ip -n sw1 -d link show br0 | grep -o 'vlan_[a-z_]* [^ ]*'
ip -n sw1 link set br0 type bridge vlan_filtering 0; ip netns exec h110 ping -c 1 -W 1 10.0.0.120
