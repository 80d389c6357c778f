# option mistakes of ip link add type vxlan
ip link add u0 type veth peer name u1; ip link set u0 up; ip link set u1 up; ip addr add 192.168.0.1/24 dev u0
ip link add vx type vxlan
ip link add vx type vxlan id
ip link add vx type vxlan id abc
ip link add vx type vxlan id -1
ip link add vx type vxlan id 16777215 dstport 4789; ip link del vx
ip link add vx type vxlan id 1 id 2 dstport 4789
ip link add vx type vxlan id 1 dev nosuch dstport 4789
ip link add vx type vxlan id 1 group 10.0.0.1 dev u0
ip link add vx type vxlan id 1 remote 239.1.1.1 dev u0
ip link add vx type vxlan id 1 group 239.1.1.1
ip link add vx type vxlan id 1 local 239.1.1.1
ip link add vx type vxlan id 1 local any; ip -d link show vx; ip link del vx
ip link add vx type vxlan id 1 ttl 256
ip link add vx type vxlan id 1 ttl inherit tos inherit dstport 4789; ip -d link show vx; ip link del vx
ip link add vx type vxlan id 1 tos 0x10 ttl auto dstport 0
ip -d link show vx; ip link del vx
ip link add vx type vxlan id 1 srcport 100 50
ip link add vx type vxlan id 1 srcport 0 0 dstport 4789; ip link del vx
ip link add vx type vxlan id 1 dstport 70000
ip link add vx type vxlan id 1 dstport 4789 df sometimes
ip link add vx type vxlan id 1 dstport 4789 df set maxaddress 10 ageing none; ip link add vx type vxlan id 1 dstport 4789 df set maxaddress 10 ageing 100 nolearning proxy rsc l2miss l3miss noudpcsum remcsumtx remcsumrx gbp; ip -d link show vx
ip -j -d link show vx | jq -c '.[0].linkinfo'
ip link set vx type vxlan id 5
ip link set vx type vxlan learning noproxy
ip link set vx type vxlan ageing 7 ttl 3 remote 192.168.0.9
ip link set vx type vxlan dstport 4790; ip link set vx type vxlan external; ip link set vx type vxlan group 239.2.2.2; ip link set vx type vxlan dev u0
ip -d link show vx
bridge fdb show dev vx
ip link add vx2 type vxlan external dstport 4789; ip -d link show vx2; ip link add vx3 type vxlan external id 4 dstport 4789; ip link add vx4 type vxlan external vnifilter dstport 4790; ip link add vx5 type vxlan vnifilter id 4
ip link add vx6 type vxlan id 66 dstport 4789 nosuch; ip link add vx6 type vxlan id 66 dstport 4789 flowbased gpe; ip link add vx7 type vxlan id 77 dev u0 mtu 2000; ip link show type vxlan | grep mtu
