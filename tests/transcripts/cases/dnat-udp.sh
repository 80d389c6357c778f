# a published UDP port, its answers, and what the states of connections make of them
sysctl -q -w net.ipv4.ip_forward=1
ip netns add wan; ip netns add c1; ip link add eth0 address 02:00:00:00:ee:01 type veth peer name w0 netns wan address 02:00:00:00:ee:02
ip addr add 203.0.113.2/24 dev eth0; ip link set eth0 up; ip -n wan addr add 203.0.113.1/24 dev w0; ip -n wan link set w0 up; ip -n wan link set lo up
ip link add docker0 address 02:42:0a:00:00:f0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
ip link add v1 address 02:42:0a:00:01:01 type veth peer name eth0 netns c1 address 02:42:ac:11:00:02; ip link set v1 master docker0 up; ip -n c1 link set lo up; ip -n c1 link set eth0 up; ip -n c1 addr add 172.17.0.2/16 dev eth0; ip -n c1 route add default via 172.17.0.1; sleep 3
iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; iptables -t nat -A DOCKER ! -i docker0 -p udp --dport 5353 -j DNAT --to-destination 172.17.0.2:53; iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -P FORWARD DROP; iptables -N DOCKER-FORWARD; iptables -A FORWARD -j DOCKER-FORWARD; iptables -A DOCKER-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A DOCKER-FORWARD -i eth0 -o docker0 -m conntrack --ctstate DNAT -j ACCEPT; iptables -A DOCKER-FORWARD -i docker0 -j ACCEPT
(sleep 1; echo pong) | ip netns exec c1 timeout 3 nc -u -l -p 53 > got & sleep 0.3
(echo ping; sleep 2) | ip netns exec wan timeout 2 nc -u 203.0.113.2 5353
sleep 2; cat got
iptables -t nat -L DOCKER -n -v
iptables -L DOCKER-FORWARD -n -v
echo x | ip netns exec wan nc -u -w 1 203.0.113.2 5354
ip netns exec wan traceroute -n -U -p 5353 -q 1 -w 1 -m 4 -N 1 203.0.113.2
ip netns exec wan ping -c 1 -W 1 172.17.0.2
ip -n wan route add 172.17.0.0/16 via 203.0.113.2; ip netns exec wan ping -c 1 -W 1 172.17.0.2
ip netns exec c1 ping -c 1 -W 1 203.0.113.1
ip netns exec c1 ping -c 1 -W 1 203.0.113.2
iptables -S DOCKER-FORWARD; iptables -t nat -S
iptables -t raw -A PREROUTING ! -i docker0 -d 172.17.0.2 -j DROP; ip netns exec wan ping -c 1 -W 1 172.17.0.2; iptables -t raw -L PREROUTING -n -v
ip netns exec wan sh -c 'echo hello | nc -l -p 7777 -q 1' & sleep 0.3; echo y | ip netns exec c1 nc -q 1 203.0.113.1 7777
iptables -t nat -L POSTROUTING -n -v
iptables -L FORWARD -n -v
