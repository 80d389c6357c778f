# vxlan devices: what is accepted, what is refused, how they are shown
ip link add u0 type veth peer name u1; ip link set u0 up; ip link set u1 up; ip addr add 192.168.0.1/24 dev u0; ip link set u1 mtu 1400
ip link add vx1 type vxlan id 1
ip -d link show vx1
ip link add vx2 type vxlan id 2 dstport 4789 remote 192.168.0.2 dev u0
ip -d link show vx2
ip link add vx3 type vxlan id 3 dstport 4789 group 239.1.1.1 dev u1
ip -d link show vx3
ip link add vx4 type vxlan id 4 dstport 4789 local 192.168.0.1 ttl 5 tos 0x10 df set nolearning proxy rsc l2miss l3miss ageing 60 maxaddress 10 noudpcsum
ip -d link show vx4
ip link add vx5 type vxlan id 5 dstport 4789 ttl inherit tos inherit df inherit srcport 1000 2000
ip -d link show vx5
ip link add vx6 type vxlan id 6 dstport 4789 remote fd00::2 local fd00::1 udp6zerocsumtx udp6zerocsumrx flowlabel 0x123
ip -d link show vx6
ip link add vx7 type vxlan id 7 dstport 4789 gbp
ip -d link show vx7
ip link add vx9 type vxlan external dstport 4791
ip -d link show vx9
ip link add vx10 type vxlan external dstport 4791
ip link add vx10 type vxlan external vnifilter dstport 4791
ip link add vx10 type vxlan external vnifilter dstport 4792
ip -d link show vx10
ip -j -d link show vx4
ip -p -j -d link show vx6
ip -j -d link show vx5
ip link add vx11 type vxlan id 1 dstport 4789
ip link add vx12 type vxlan id 1 dstport 4789
ip link add vx12 type vxlan id 1 dstport 4789 remote 192.168.0.7
ip link add vx12 type vxlan id 1 dstport 4789 dev u0
ip link add vx12 type vxlan id 1 dstport 4790
ip link add vx13 type vxlan id 13 dstport 4789 dev nosuch
ip link add vx13 type vxlan id 13 dstport 4789 local 192.168.0.99
ip link add vx14 type vxlan id 14 dstport 4789 local 239.1.1.1
ip link add vx14 type vxlan id 14 dstport 4789 remote 239.1.1.1
ip link add vx14 type vxlan id 14 dstport 4789 group 192.168.0.1
ip link add vx14 type vxlan id 14 dstport 4789 group 239.1.1.1
ip link add vx14 type vxlan id 14 dstport 4789 local 192.168.0.1 remote fd00::2
ip link add vx14 type vxlan id 14 dstport 4789 local fd00::1 remote 192.168.0.1
ip link add vx14 type vxlan id 0 dstport 4789
ip -d link show vx14
ip link add vx15 type vxlan id 15 dstport 4789 ttl 300
ip link add vx15 type vxlan id 15 dstport 4789 tos 999
ip link add vx15 type vxlan id 15 dstport 4789 df yes
ip link add vx15 type vxlan id 15 dstport 4789 srcport 2000 1000
ip link add vx15 type vxlan id 15 dstport 99999
ip link add vx15 type vxlan id 15 dstport 0
ip -d link show vx15
ip link add vx16 mtu 9000 type vxlan id 16 dstport 4789 dev u0
ip link add vx17 mtu 1400 type vxlan id 17 dstport 4789 dev u0
ip link show vx17
ip link add vx18 mtu 9000 type vxlan id 18 dstport 4789
ip link show vx18
ip link set vx17 mtu 1451
ip link set vx17 mtu 1450
ip link set vx17 mtu 60
ip link set vx18 mtu 65535
ip link set vx18 mtu 65536
ip link set u0 mtu 1300
ip link show vx2 | head -1
ip link add type vxlan id 77 dstport 4789
ip link show type vxlan | grep -o '^[0-9]*: [^:]*'
ip link set vx2 type vxlan id 22
ip link set vx2 type vxlan ttl 9 ageing 100
ip -d link show vx2 | tail -1
ip link set vx2 type vxlan remote 192.168.0.3
ip -d link show vx2 | tail -1
ip link set vx2 type vxlan dstport 4799
ip link set vx2 type vxlan nolearning
ip link set vx2 type vxlan proxy
ip link set vx2 type vxlan local 192.168.0.1 srcport 5 6
ip -d link show vx2 | tail -1
ip link set vx1 up; ip link set vx2 up; ip link set vx3 up; ip link set vx11 up; ip link set vx12 up
ip link set vx1 down
ip link set vx4 address 00:00:00:00:00:00
ip link set vx4 carrier off
ip link set vx4 arp off
ip link show vx4 | head -1
ip link del u0
ip link add vx20 type vxlan id 20 dev u0 dstport 4789
