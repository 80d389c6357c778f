# ifconfig, route, arp, netstat: the old words
ifconfig
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ifconfig va
ifconfig -a
ifconfig va 10.0.0.1; sleep 0.3
ifconfig va
ifconfig vb 10.1.0.1/24 up
ifconfig va 10.0.0.1 netmask 255.255.255.0 broadcast 10.0.0.255
ifconfig va mtu 1400
ifconfig va hw ether 02:00:00:00:00:11
ifconfig va promisc
ifconfig va -arp
ifconfig va | grep -v -e packets -e inet6
ifconfig va arp -promisc
ifconfig va:1 10.0.2.1 netmask 255.255.255.0
ifconfig va:1
ip -4 addr show va
sleep 2
ifconfig va add fd00::1/64
ifconfig va | grep -v -e packets -e errors -e inet6
ifconfig va del fd00::1/64
ifconfig -s | cut -c1-15
ifconfig nosuch
ifconfig nosuch up
ifconfig va down
ifconfig va foo
ifconfig va 300.0.0.1
ifconfig va up
ifconfig va 0.0.0.0
ip -4 addr show va
ifconfig va 10.0.0.1/24
route
route -n
route add -net 10.5.0.0 netmask 255.255.0.0 gw 10.0.0.254
route add -net 10.6.0.0/16 dev va
route add -host 10.7.0.1 gw 10.0.0.253
route add default gw 10.0.0.254
route add default gw 10.99.0.1
route add -net 10.5.0.1 netmask 255.255.0.0 gw 10.0.0.254
route add -net 10.8.0.0/16 reject
route add -net 10.5.0.0 netmask 255.255.0.0 gw 10.0.0.254
route add -net 10.9.0.0/16 gw 10.0.0.9 metric 5
route -n
ip route
route del -net 10.5.0.0 netmask 255.255.0.0
route del -net 10.55.0.0 netmask 255.255.0.0
route del default
route del default
route -n
route foo
netstat -rn
netstat -r -n -e
netstat -i | cut -c1-15
arp
arp -n
arp -s 10.0.0.5 02:00:00:00:00:05
arp -n
arp -a
arp -an
arp -e -n
arp -n 10.0.0.5
arp -n 10.0.0.6
arp -d 10.0.0.5
arp -d 10.0.0.6
arp -n
arp -s 10.99.0.5 02:00:00:00:00:05
arp -s 10.0.0.5 foo
arp -i va -s 10.0.0.7 02:00:00:00:00:07
arp -n -i va
ip neigh
ifconfig --version 2>&1 | head -1
netstat -s | head -3
hostname
hostname -s
hostname -f
hostname -I
hostname newname
hostname
