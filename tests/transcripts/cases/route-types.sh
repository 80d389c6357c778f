# ip route: types, metrics, attributes, ways to add and to delete
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev va
ip link set va up
ip link set vb up
ip route add 10.1.0.0/16 via 10.0.0.2
ip route add 10.1.0.0/16 via 10.0.0.3
ip route append 10.1.0.0/16 via 10.0.0.3
ip route prepend 10.1.0.0/16 via 10.0.0.4
ip route show 10.1.0.0/16
ip route change 10.1.0.0/16 via 10.0.0.5
ip route show 10.1.0.0/16
ip route replace 10.1.0.0/16 via 10.0.0.6 metric 10
ip route change 10.99.0.0/16 via 10.0.0.5
ip route add 10.2.0.0/16 dev va metric 5 proto static scope link src 10.0.0.1
ip route add 10.2.0.0/16 dev va metric 6 proto 99
ip route add 10.3.0.0/16 via 10.0.0.2 mtu 1400 advmss 1000 window 5000 rtt 100 initcwnd 20 initrwnd 30 hoplimit 7
ip route add 10.4.0.0/16 via 10.0.0.2 mtu lock 1300
ip route add 10.5.0.0/16 via 10.9.9.9 dev va
ip route add 10.5.0.0/16 via 10.9.9.9 dev va onlink
ip route add 10.6.0.0/16 dev va tos 0x10
ip route add 10.6.0.0/16 via 10.0.0.8 dev va
ip route add blackhole 10.7.0.0/16 metric 9
ip route add unreachable default metric 4278198272
ip route add throw 10.8.0.0/16
ip route add prohibit 10.9.0.0/16 dev va
ip route add local 10.10.0.0/16 dev lo
ip route add broadcast 10.11.255.255 dev va
ip route add multicast 239.0.0.0/8 dev va
ip route add unicast 10.12.0.0/16 dev va
ip route add nat 10.13.0.0/16 dev va
ip route add 10.14.0.0/16 dev va scope host
ip route add 10.15.0.0/16 dev va scope global
ip route add 10.16.0.0/16 dev va scope site
ip route add 10.17.0.0/16 dev va src 10.99.0.1
ip route add 10.18.0.0/16 dev va table 100
ip route add 10.19.1.0/16 dev va
ip route add 10.19.0.0/33 dev va
ip route add default dev va
ip route add 0/0 via 10.0.0.9 metric 100
ip route add 10.20 dev va
ip route
ip route show table local
ip route show table 100
ip route show table all | grep -v -e '^local fe80' -e '^multicast' -e ff00 -e fe80
ip route del 10.1.0.0/16
ip route del 10.1.0.0/16 via 10.0.0.3
ip route del 10.1.0.0/16 via 10.0.0.77
ip route del 10.2.0.0/16 metric 6
ip route del 10.2.0.0/16 proto 99
ip route del unreachable default
ip route del blackhole 10.7.0.0/16
ip route del 10.8.0.0/16 dev va
ip route del throw 10.8.0.0/16
ip route del 10.18.0.0/16
ip route del 10.18.0.0/16 table 100
ip route del default dev vb
ip route del default
ip route
