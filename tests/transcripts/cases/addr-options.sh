# ip addr add: every option
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set va up
ip link set vb up
sleep 2
ip addr add 10.0.0.1 dev va
ip addr add 10.1.0.1/24 brd + dev va
ip addr add 10.2.0.1/24 brd - dev va
ip addr add 10.3.0.1/24 brd 10.3.0.200 dev va
ip addr add 10.4.0.1/24 scope host dev va
ip addr add 10.5.0.1/24 scope link dev va
ip addr add 10.6.0.1/24 scope 77 dev va
ip addr add 10.7.0.1/24 label va:x dev va
ip addr add 10.8.0.1/24 label wrong dev va
ip addr add 10.9.0.1/24 metric 55 dev va
ip addr add 10.10.0.1 peer 10.10.0.2/24 dev va
ip addr add 10.11.0.1/32 peer 10.11.0.2 dev va
ip addr add 10.12.0.1/24 noprefixroute dev va
ip addr add 10.13.0.1/24 valid_lft 600 preferred_lft 300 dev va
ip addr add 10.14.0.1/24 valid_lft 300 preferred_lft 600 dev va
ip addr add 10.15.0.1/24 valid_lft 0 dev va
ip addr add 10.16.0.1/24 valid_lft forever preferred_lft 0 dev va
ip addr add 10.17.0.1/31 dev va
ip addr add 10.18.0.0/31 brd + dev va
ip addr add 10.19.0.1/30 brd + dev va
ip addr add 224.0.0.5/24 dev va
ip addr add 127.0.0.5/8 dev va
ip addr add 0.0.0.0/24 dev va
ip addr add 255.255.255.255/32 dev va
ip addr add 169.254.3.4/16 dev va
ip addr add 10.20.0.0/24 dev va
ip addr add 10.21.0.255/24 dev va
ip addr show va
ip route
ip route show table local
ip -j -p addr show va | head -60
ip addr add fd00::1/64 valid_lft 100 preferred_lft 50 nodad dev va
ip addr add fd00::2/64 noprefixroute nodad dev va
ip addr add fd00::3/64 preferred_lft 0 nodad dev va
ip addr add fd00::4/64 home nodad dev va
ip addr add fd00::5 nodad dev va
ip addr add fd01::1/64 peer fd01::2 nodad dev va
ip addr add fd02::1/64 mngtmpaddr nodad dev va
ip addr add fd03::1/64 metric 33 nodad dev va
ip addr add fd04::1/64 optimistic dev va
ip addr add ff02::5/64 dev va
ip addr add ::1/128 dev va
ip addr add fe80::77/64 scope link nodad dev va
ip addr add fd05::1/129 dev va
ip addr add fd05::1/64 label x dev va
ip addr add fd06::1/64 scope host nodad dev va
ip -6 addr show va
ip -6 route
ip -6 route show table local
