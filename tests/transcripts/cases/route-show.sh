# ip route show: filters, formats, flush, abbreviations
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev va
ip link set va up
ip link set vb up
ip addr add 10.1.0.1/24 dev vb
ip route add default via 10.0.0.254
ip route add 10.2.0.0/16 via 10.0.0.2 proto static
ip route add 10.2.3.0/24 via 10.1.0.2 proto static metric 7
ip route add 10.2.3.4 dev vb scope link
ip route add blackhole 10.3.0.0/16
ip route add unreachable 10.4.0.0/16 table 77
ip route add default via 10.1.0.254 table 77
ip ro
ip r
ip route list
ip route ls dev va
ip route show dev vb
ip route show via 10.0.0.2
ip route show proto static
ip route show proto kernel
ip route show proto boot
ip route show scope link
ip route show scope global
ip route show scope host
ip route show type blackhole
ip route show type unicast
ip route show type local
ip route show src 10.0.0.1
ip route show metric 7
ip route show table 77
ip route show table main
ip route show table default
ip route show table local dev va
ip route show table nosuch
ip route show table all type unreachable
ip route show table all dev vb
ip route show default
ip route show 0/0
ip route show 10.2.0.0/16
ip route show exact 10.2.0.0/16
ip route show root 10.2.0.0/16
ip route show match 10.2.3.4
ip route show to match 10.2.3.4
ip route show root 0/0
ip route show match 10.2.3.0/24 table main
ip route show to 10.2.3.4
ip route show cache
ip -j route
ip -j -p route show default
ip -d route
ip -o route
ip -br route show default
ip -s route show default
ip -4 route show default
ip -6 route show default
ip route show foo
ip route show dev nosuch
ip route flush
ip route flush proto static
ip route
ip route flush table 77
ip route show table 77
ip route flush 10.3.0.0/16
ip route flush dev vb
ip route
ip -s route flush table main
ip route
ip route flush cache
ip route show table local
