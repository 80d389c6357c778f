# a router with MASQUERADE of port ranges, SNAT of a range, REDIRECT, and DNAT with TCP through it
for n in c r s; do ip netns add $n; ip -n $n link set lo up; done
ip link add c0 netns c type veth peer name rc netns r; ip link add s0 netns s type veth peer name rs netns r
for d in "c c0" "r rc" "r rs" "s s0"; do set -- $d; ip -n $1 link set $2 addrgenmode none; done
ip -n c addr add 10.1.0.2/24 dev c0; ip -n r addr add 10.1.0.1/24 dev rc; ip -n r addr add 192.0.2.1/24 dev rs; ip -n s addr add 192.0.2.2/24 dev s0
ip -n c link set c0 up; ip -n r link set rc up; ip -n r link set rs up; ip -n s link set s0 up
ip -n c route add default via 10.1.0.1
ip netns exec r sysctl -w net.ipv4.ip_forward=1
ip netns exec r iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o rs -p tcp -j MASQUERADE --to-ports 61000-61001
ip netns exec r iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o rs -j MASQUERADE
ip netns exec r iptables -t nat -L POSTROUTING -n -v --line-numbers
ip netns exec c ping -c 2 -i 0.2 192.0.2.2
ip netns exec s sh -c 'echo hello | timeout 5 nc -l -p 80 -q 1 -v -n' & sleep 0.5; ip netns exec c nc -n -q 1 192.0.2.2 80 < /dev/null; wait
ip netns exec r iptables -t nat -L POSTROUTING -n -v --line-numbers
ip netns exec r iptables -t nat -S
ip netns exec r iptables -t nat -D POSTROUTING 1
ip netns exec r iptables -t nat -C POSTROUTING -s 10.1.0.0/24 -o rs -j MASQUERADE; echo $?
ip netns exec r iptables -t nat -C POSTROUTING -s 10.1.0.0/24 -o rs -j MASQUERADE --random; echo $?
ip netns exec r iptables -t nat -R POSTROUTING 1 -s 10.1.0.0/24 -o rs -j SNAT --to-source 192.0.2.1:2000-2001
ip netns exec r iptables -t nat -R POSTROUTING 1 -p udp -s 10.1.0.0/24 -o rs -j SNAT --to-source 192.0.2.1:2000-2001
ip netns exec r iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o rs -j SNAT --to-source 192.0.2.1 --persistent
ip netns exec r iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o rs -j SNAT --to-source 192.0.2.1-192.0.2.3 --random-fully
ip netns exec r iptables -t nat -S POSTROUTING
ip netns exec r iptables -t nat -L POSTROUTING -n
ip netns exec r iptables -t nat -A PREROUTING -i rs -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.0.2:80
ip netns exec r iptables -t nat -A PREROUTING -i rs -p tcp -m multiport --dports 81,82,8000:8010 -j REDIRECT --to-ports 9000
ip netns exec r iptables -t nat -S PREROUTING
ip netns exec r iptables -t nat -L PREROUTING -n -v
ip netns exec c sh -c 'echo from-c | timeout 5 nc -l -p 80 -q 1' & sleep 0.5; ip netns exec s nc -n -q 1 192.0.2.1 8080 < /dev/null; wait
ip netns exec r sh -c 'echo from-r | timeout 5 nc -l -p 9000 -q 1' & sleep 0.5; ip netns exec s nc -n -q 1 192.0.2.1 8005 < /dev/null; wait
ip netns exec r iptables -t nat -L PREROUTING -n -v --line-numbers
ip netns exec r iptables -t nat -Z PREROUTING 1
ip netns exec r iptables -t nat -L PREROUTING -n -v --line-numbers
ip netns exec r iptables -t nat -L PREROUTING 2 -n -v
ip netns exec r iptables -t nat -S PREROUTING 2
ip netns exec r iptables -t nat -I PREROUTING 2 -j ACCEPT
ip netns exec r iptables -t nat -I PREROUTING 9 -j ACCEPT
ip netns exec r iptables -t nat -D PREROUTING 9
ip netns exec r iptables-save -t nat | grep -v '^#'
