# ip -d link of every kind that this kernel has, with statistics
ip netns add k; ip -n k link set lo up
ip -n k link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip -n k link add br0 address 02:00:00:00:00:04 type bridge stp_state 1 forward_delay 400 hello_time 100 max_age 600 priority 4096 ageing_time 6000 group_fwd_mask 8
ip -n k link add vx0 address 02:00:00:00:00:05 type vxlan id 42 remote 10.9.0.2 local 10.9.0.1 dev v0 dstport 4789 ttl 5 tos inherit ageing 60 maxaddress 100 l2miss l3miss proxy rsc noudpcsum
ip -n k link add vx1 address 02:00:00:00:00:06 type vxlan id 43 group 239.1.1.1 dev v0 dstport 8472 srcport 20000 30000 df set
ip -n k link add vx2 address 02:00:00:00:00:07 type vxlan id 44 group ff05::100 dev v0 dstport 4789 udp6zerocsumtx udp6zerocsumrx flowlabel 0x12345
ip -n k link set v1 master br0
for d in v0 v1 br0 vx0 vx1; do ip -n k link set $d addrgenmode none; done
ip -n k link set v0 up; ip -n k link set v1 up; ip -n k link set br0 up; ip -n k link set vx1 up
sleep 1
for d in v0 v1 br0 vx0 vx1 vx2; do ip -n k -d link show $d; done
ip -n k -br link
ip -n k -br -d link show type vxlan
ip -n k link show type bridge
ip -n k link show type veth up
ip -n k link show master br0
ip -n k -o link show br0
ip -n k -d -j link show vx1 | jq -Mc '.[0].linkinfo'
ip -n k -d -j link show br0 | jq -Mc '.[0].linkinfo.info_data | [.forward_delay,.hello_time,.max_age,.ageing_time,.priority,.stp_state,.group_fwd_mask]'
ip -n k -d -j link show v1 | jq -Mc '.[0].linkinfo | [.info_slave_kind,.info_slave_data.state,.info_slave_data.cost]'
ip -n k -d link show type bridge_slave | grep -o 'bridge_slave.*port_no 0x1'
ip -n k link set vx1 type vxlan ttl 9
ip -n k link set vx1 type vxlan id 99
ip -n k link set vx1 type vxlan dstport 9
ip -n k -d link show vx1 | grep vxlan
ip -n k -s link show v0
ip -n k link set br0 type bridge mcast_router 0 mcast_querier 1 nf_call_iptables 1 vlan_default_pvid 1
ip -n k -d link show br0 | grep -o 'mcast_router [0-9].*mcast_querier [0-9]'
ip -n k link del vx0; ip -n k link del v0
ip -n k -br link
