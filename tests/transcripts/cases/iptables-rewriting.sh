# firewall: targets that rewrite, copy and log, and what they do
for n in a r b; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1; done
ip link add a0 netns a address 02:00:00:00:01:01 type veth peer name r0 netns r address 02:00:00:00:01:02
ip link add b0 netns b address 02:00:00:00:02:01 type veth peer name r1 netns r address 02:00:00:00:02:02
ip -n a addr add 10.1.0.2/24 dev a0; ip -n r addr add 10.1.0.1/24 dev r0; ip -n r addr add 10.2.0.1/24 dev r1; ip -n b addr add 10.2.0.2/24 dev b0
for l in a:a0 r:r0 r:r1 b:b0; do ip -n ${l%:*} link set ${l#*:} up; done
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; ip netns exec r sysctl -qw net.ipv4.ip_forward=1
sleep 1
ip netns exec r iptables -t nat -A PREROUTING -d 10.9.0.0/24 -j NETMAP --to 10.2.0.0/24
ip netns exec r iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -j NETMAP --to 10.2.0.0/24
ip netns exec r iptables -t nat -A PREROUTING -j NETMAP
ip netns exec r iptables -t nat -A PREROUTING -j NETMAP --to 10.2.0.0/33
ip netns exec r iptables -t nat -A PREROUTING -j NETMAP --to frob
ip netns exec r iptables -t nat -A PREROUTING -j NETMAP --to 10.2.0.5
ip netns exec r iptables -t nat -A PREROUTING -j NETMAP --to 10.2.0.5/255.255.0.0
ip netns exec r iptables -A FORWARD -j NETMAP --to 10.2.0.0/24
ip netns exec r iptables -t nat -S
ip netns exec r iptables -t nat -L -n
ip netns exec r iptables -t nat -D PREROUTING 3; ip netns exec r iptables -t nat -D PREROUTING 2
ip -n b addr add 10.2.0.9/24 dev b0
ip netns exec a ping -c 1 -W 1 10.9.0.9
ip netns exec r iptables -t nat -D POSTROUTING 1
ip netns exec a ping -c 2 -W 1 10.9.0.9
ip netns exec r iptables -t mangle -A PREROUTING -i r0 -j TOS --set-tos 0x10
ip netns exec r iptables -t mangle -A PREROUTING -j TOS --set-tos Minimize-Cost
ip netns exec r iptables -t mangle -A PREROUTING -j TOS --set-tos 0x10/0x1c
ip netns exec r iptables -t mangle -A PREROUTING -j TOS --and-tos 0xf0
ip netns exec r iptables -t mangle -A PREROUTING -j TOS --or-tos 8
ip netns exec r iptables -t mangle -A PREROUTING -j TOS --xor-tos 8
ip netns exec r iptables -t mangle -A PREROUTING -j TOS --set-tos frob
ip netns exec r iptables -t mangle -A PREROUTING -j TOS
ip netns exec r iptables -A FORWARD -j TOS --set-tos 8
ip netns exec r iptables -t mangle -A POSTROUTING -j DSCP --set-dscp 10
ip netns exec r iptables -t mangle -A POSTROUTING -j DSCP --set-dscp-class EF
ip netns exec r iptables -t mangle -A POSTROUTING -j DSCP --set-dscp-class FROB
ip netns exec r iptables -t mangle -A POSTROUTING -j DSCP --set-dscp 99
ip netns exec r iptables -t mangle -A POSTROUTING -j DSCP
ip netns exec r iptables -t mangle -S
ip netns exec r iptables -t mangle -L -n
ip netns exec r iptables -t mangle -L
ip netns exec r iptables -t mangle -F POSTROUTING
for i in 6 5 4 3 2; do ip netns exec r iptables -t mangle -D PREROUTING $i; done
ip netns exec b tcpdump -i b0 -U -w t.pcap icmp >/dev/null 2>&1 & T=$!; sleep 1
ip netns exec a ping -c 1 10.2.0.2
ip netns exec r iptables -t mangle -A POSTROUTING -j DSCP --set-dscp-class EF
ip netns exec a ping -c 1 10.2.0.2
sleep 1; kill $T; wait $T 2>/dev/null
tcpdump -nvr t.pcap 'icmp[0]==8' 2>/dev/null | grep -o 'tos 0x[0-9a-f]*'
ip netns exec r iptables -t mangle -F
ip netns exec r iptables -A FORWARD -j NFLOG --nflog-group 5 --nflog-prefix "seen " --nflog-threshold 3 --nflog-size 100
ip netns exec r iptables -A FORWARD -j NFLOG --nflog-group 70000
ip netns exec r iptables -A FORWARD -j NFLOG
ip netns exec r iptables -A FORWARD -j AUDIT --type drop
ip netns exec r iptables -A FORWARD -j NFQUEUE --queue-balance 1:3 --queue-bypass
ip netns exec r iptables -A FORWARD -j NFQUEUE
ip netns exec r iptables -S FORWARD
ip netns exec r iptables -L FORWARD -n
ip netns exec a ping -c 1 -W 1 10.2.0.2
ip netns exec r iptables -L FORWARD -n -v
ip netns exec r iptables -F FORWARD
ip netns exec r iptables -t mangle -S
ip netns exec r iptables -t mangle -L -n
