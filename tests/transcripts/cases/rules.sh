# ip rule: policy routing
sysctl -q -w net.ipv4.ip_forward=1
ip link add va address 02:00:00:00:00:01 type veth peer name pa address 02:00:00:00:00:11
ip link add vb address 02:00:00:00:00:02 type veth peer name pb address 02:00:00:00:00:12
for d in va pa vb pb; do ip link set $d up; done
ip addr add 10.0.0.1/24 dev va
ip addr add 10.1.0.1/24 dev vb
ip route add default via 10.0.0.254
ip route add default via 10.1.0.254 table 100
ip rule
ip -6 rule
ip rule add from 10.1.0.0/24 table 100
ip rule add from 10.1.0.0/24 table 100
ip rule add to 10.50.0.0/16 lookup 100
ip rule add fwmark 5 table 100 priority 500
ip rule add fwmark 0x10/0xf0 table 100 pref 501
ip rule add iif vb table 100 prio 502
ip rule add oif vb table 100 prio 503
ip rule add tos 0x10 table 100 prio 504
ip rule add from 10.66.0.0/16 blackhole prio 600
ip rule add from 10.67.0.0/16 unreachable prio 601
ip rule add from 10.68.0.0/16 prohibit prio 602
ip rule add not from 10.0.0.0/8 table main prio 700
ip rule add from all goto 32766 prio 800
ip rule add from all goto 900 prio 801
ip rule add prio 900 nop
ip rule add ipproto tcp dport 80 sport 1000-2000 table 100 prio 901
ip rule add uidrange 1000-2000 table 100 prio 902
ip rule add from all lookup main suppress_prefixlength 0 prio 903
ip rule add iif nosuchdev table 100 prio 904
ip rule add iif lo table 200 prio 905
ip rule
ip rule show table 100
ip rule list from 10.1.0.0/24
ip rule show prio 600
ip -j rule show prio 501
ip -j -p rule show table 100 | head -30
ip -d rule show prio 500
ip route get 8.8.8.8
ip route get 8.8.8.8 from 10.1.0.1
ip route get 8.8.8.8 mark 5
ip route get 8.8.8.8 mark 0x15
ip route get 10.50.1.1
ip route get 8.8.8.8 from 10.67.0.1 iif va
ip route get 8.8.8.8 from 10.66.0.1 iif va
ip route get 8.8.8.8 from 10.68.0.1 iif va
ip rule del from 10.1.0.0/24 table 100
ip rule del prio 600
ip rule del prio 12345
ip rule del fwmark 5
ip rule del table 100
ip rule del from 10.67.0.0/16 unreachable
ip rule
ip rule add
ip rule add table nosuch
ip rule add from foo
ip rule add from 10.0.0.0/8 foo
ip rule add prio abc
ip rule add prio 5 table 300
ip rule del
ip rule foo
ip rule flush
ip rule
ip route get 8.8.8.8
ip route get 10.0.0.1
ip rule add table main
ip rule add from all lookup default prio 32767
ip rule
ip -6 rule add from fd00::/16 table 100
ip -6 rule
ip rule save | wc -c
