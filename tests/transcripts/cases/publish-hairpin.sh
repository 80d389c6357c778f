# a published port that a container reaches by the host's own address (hairpin), and bridge counters
ip netns add h; ip -n h link set lo up
ip -n h link add docker0 address 02:42:00:00:00:01 type bridge; ip -n h link set docker0 addrgenmode none; ip -n h addr add 172.17.0.1/16 brd + dev docker0; ip -n h link set docker0 up
for i in 2 3; do ip netns add c$i; ip -n h link add veth$i type veth peer name eth0 netns c$i; ip -n h link set veth$i addrgenmode none; ip -n c$i link set eth0 addrgenmode none; ip -n c$i link set eth0 address 02:42:ac:11:00:0$i; ip -n h link set veth$i master docker0 up; ip -n c$i addr add 172.17.0.$i/16 dev eth0; ip -n c$i link set eth0 up; ip -n c$i link set lo up; ip -n c$i route add default via 172.17.0.1; done
ip netns exec h sysctl -qw net.ipv4.ip_forward=1
ip netns exec h iptables -t nat -N DOCKER
ip netns exec h iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
ip netns exec h iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
ip netns exec h iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
ip netns exec h iptables -t nat -A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
ip netns exec h iptables -t nat -A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
ip netns exec c2 sh -c 'echo one | timeout 5 nc -l -p 80 -q 1' & sleep 0.5; ip netns exec h nc -n -q 1 172.17.0.1 8080 < /dev/null; wait
ip netns exec c2 sh -c 'echo two | timeout 5 nc -l -p 80 -q 1' & sleep 0.5; ip netns exec c3 timeout 4 nc -n -q 1 172.17.0.1 8080 < /dev/null; wait
ip netns exec c2 sh -c 'echo three | timeout 3 nc -l -p 80 -q 1' & sleep 0.5; ip netns exec c2 timeout 2 nc -n -q 1 172.17.0.1 8080 < /dev/null; echo $?; wait
ip -n h link set veth2 type bridge_slave hairpin on
ip netns exec c2 sh -c 'echo four | timeout 3 nc -l -p 80 -q 1' & sleep 0.5; ip netns exec c2 timeout 2 nc -n -q 1 172.17.0.1 8080 < /dev/null; echo $?; wait
ip netns exec h iptables -t nat -L -n -v
bridge -n h -d link show | grep -o 'hairpin o[nf]*'
bridge -n h fdb show br docker0 | grep 02:42:ac
bridge -n h -s fdb show br docker0 | grep -c 02:42:ac
bridge -n h -j fdb show br docker0 | jq -Mc '.[] | select(.mac | startswith("02:42:ac")) | [.mac,.ifname,.master,.state]'
ip -n h -s link show docker0 | head -2
ip -n h neigh show dev docker0 | sort | sed 's/ [A-Z]*$//'
ip -n c2 neigh show | sed 's/ [A-Z]* *$//'
