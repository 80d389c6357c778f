# vxlan: every option of ip link add, changes afterwards
ip link add u0 address 02:00:00:00:00:01 type veth peer name u1 address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev u0; ip link set u0 up; ip link set u1 up
sleep 2
ip link add x1 type vxlan id 1
ip link add x2 type vxlan vni 2 dstport 0 dev u0
ip link add x3 type vxlan id 3 dstport 4789 group 239.1.1.1
ip link add x3 type vxlan id 3 dstport 4789 group 239.1.1.1 dev u0
ip link add x4 type vxlan id 4 dstport 4789 remote 10.0.0.2 local 10.0.0.1 dev u0 ttl 16 tos 0x10 df set
ip link add x5 type vxlan id 5 dstport 4789 remote fd00::2 local fd00::1 ttl inherit tos inherit
ip link add x6 type vxlan id 6 dstport 4789 remote fd00::2 local 10.0.0.1
ip link add x7 type vxlan id 7 dstport 4789 srcport 1000 2000 ageing 60 maxaddress 10 nolearning proxy rsc l2miss l3miss
ip link add x8 type vxlan id 8 dstport 4789 udpcsum noudpcsum udp6zerocsumtx udp6zerocsumrx remcsumtx remcsumrx
ip link add x9 type vxlan id 9 dstport 4789 df unset flowlabel 5
ip link add x10 type vxlan id 10 dstport 4789 df inherit ttl 256
ip link add x10 type vxlan id 10 dstport 4789 df frob
ip link add x10 type vxlan id 10 dstport 70000
ip link add x10 type vxlan id 10 dstport 4789 local frob
ip link add x10 type vxlan id 10 dstport 4789 remote 239.1.1.1
ip link add x10 type vxlan id 10 dstport 4789 group 10.0.0.1
ip link add x10 type vxlan id 10 dstport 4789 dev nosuch
ip link add x10 type vxlan id -1 dstport 4789
ip link add x10 type vxlan id abc
ip link add x10 type vxlan external dstport 4790
ip link add x11 type vxlan external id 11 dstport 4790
ip link add x12 type vxlan id 12 dstport 4789 gbp
ip link add x13 type vxlan id 13 dstport 4789 gbp
ip link add x14 type vxlan id 4 dstport 4789
ip link add x14 type vxlan id 4 dstport 4789 remote 10.0.0.3
ip link add link u0 name x15 type vxlan id 15 dstport 4789
ip link add x16 type vxlan id 16 dstport 4789 ttl auto learning norsc noproxy nol2miss nol3miss
ip link add x17 type vxlan id 17 dstport 4789 frob
for i in 1 2 3 4 5 7 8 9; do ip -d link show x$i | sed -n 3p; done
ip -d link show x10 | sed -n 3p
ip -d link show x12 | sed -n 3p
ip -d link show x16 | sed -n 3p
ip link show type vxlan | grep -c mtu
ip link set x4 type vxlan ttl 5
ip link set x4 type vxlan remote 10.0.0.9
ip link set x4 type vxlan local 10.0.0.8
ip link set x4 type vxlan dev u1
ip link set x4 type vxlan id 44
ip link set x4 type vxlan dstport 4444
ip link set x4 type vxlan ageing 10
ip link set x4 type vxlan nolearning
ip link set x4 type vxlan proxy
ip link set x4 type vxlan tos 0
ip link set x4 type vxlan df unset
ip link set x4 type vxlan maxaddress 5
ip link set x4 type vxlan l2miss
ip -d link show x4 | sed -n 3p
bridge fdb show dev x4
bridge fdb show dev x3
ip -j -d link show x4 | jq -c '.[0].linkinfo'
ip -j -d link show x5 | jq -c '.[0].linkinfo'
ip link show x4
ip link show x5
ip link set x4 up
ip link show x4
ip link set x1 up
ip link set u0 down
ip link show x4
ip link set u0 mtu 1400
ip link set x4 mtu 1450
ip link set x4 mtu 1350
ip link show x4
ip link del u0
ip -br link
