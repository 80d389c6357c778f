sysctl -qw net.ipv4.ip_forward=1
ip netns add wan; ip link add eth0 address 02:00:00:00:ee:01 type veth peer name w0 netns wan address 02:00:00:00:ee:02
ip addr add 203.0.113.2/24 dev eth0; ip link set eth0 up; ip -n wan addr add 203.0.113.1/24 dev w0; ip -n wan link set w0 up; ip -n wan link set lo up; ip link set lo up
ip link add docker0 address 02:42:0a:00:00:f0 type bridge; ip addr add 172.17.0.1/16 brd + dev docker0; ip link set docker0 up
for i in 2 3; do ip netns add c$i; ip link add veth$i address 02:42:0a:00:01:0$i type veth peer name eth0 netns c$i address 02:42:ac:11:00:0$i; ip link set veth$i master docker0 up; ip -n c$i link set lo up; ip -n c$i link set eth0 up; ip -n c$i addr add 172.17.0.$i/16 dev eth0; ip -n c$i route add default via 172.17.0.1; done
sleep 3
iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE; iptables -t nat -A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
iptables -t nat -A DOCKER -i docker0 -j RETURN; iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80; iptables -t nat -A DOCKER ! -i docker0 -p udp -m udp --dport 5353 -j DNAT --to-destination 172.17.0.2:53
iptables -P FORWARD DROP; iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT; iptables -A FORWARD -i docker0 -o docker0 -j ACCEPT
iptables -A FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
ip netns exec wan traceroute -n -T -p 8080 -q 1 -w 1 -N 1 203.0.113.2
iptables -t nat -L -n -v; iptables -L FORWARD -n -v
ip netns exec wan traceroute -n -T -p 8081 -q 1 -w 1 -N 1 203.0.113.2
ip netns exec wan traceroute -n -U -p 5353 -q 1 -w 1 -N 1 -m 3 203.0.113.2
iptables -A FORWARD -d 172.17.0.2/32 -p udp --dport 53 -j ACCEPT
ip netns exec wan traceroute -n -U -p 5353 -q 1 -w 1 -N 1 -m 3 203.0.113.2
traceroute -n -T -p 8080 -q 1 -w 1 -N 1 203.0.113.2
ip netns exec c3 traceroute -n -T -p 8080 -q 1 -w 1 -N 1 203.0.113.2
ip netns exec c3 traceroute -n -T -p 80 -q 1 -w 1 -N 1 172.17.0.2
iptables -t nat -D DOCKER 1; iptables -t nat -R DOCKER 1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
ip netns exec c3 traceroute -n -T -p 8080 -q 1 -w 1 -N 1 203.0.113.2
ip netns exec c2 traceroute -n -T -p 8080 -q 1 -w 1 -N 1 203.0.113.2
ip netns exec c3 traceroute -n -T -p 8080 -q 1 -w 1 -N 1 172.17.0.1
iptables -t nat -L -n -v; iptables -L FORWARD -n -v
iptables -t nat -A OUTPUT -d 127.0.0.0/8 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
traceroute -n -T -p 8080 -q 1 -w 1 -N 1 127.0.0.1
sysctl -w net.ipv4.conf.docker0.route_localnet=1; iptables -t nat -A POSTROUTING -s 127.0.0.0/8 -o docker0 -j MASQUERADE
traceroute -n -T -p 8080 -q 1 -w 1 -N 1 127.0.0.1
iptables -t nat -L POSTROUTING -n -v
