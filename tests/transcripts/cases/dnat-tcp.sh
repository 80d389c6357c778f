# a published TCP port: through DNAT with nc, from outside, from the host itself, hairpin, counters
sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.tcp_rmem="4096 131072 6291456"
ip netns add wan; ip netns add c1; ip netns add c2
ip link add eth0 address 02:00:00:00:ee:01 type veth peer name w0 netns wan address 02:00:00:00:ee:02
ip addr add 203.0.113.2/24 dev eth0; ip link set eth0 up; ip -n wan addr add 203.0.113.1/24 dev w0; ip -n wan link set w0 up; ip -n wan link set lo up
ip link add docker0 address 02:42:0a:00:00:f0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
for i in 1 2; do ip link add v$i address 02:42:0a:00:01:0$i type veth peer name eth0 netns c$i address 02:42:ac:11:00:0$((i+1)); ip link set v$i master docker0 up; ip -n c$i link set lo up; ip -n c$i link set eth0 up; ip -n c$i addr add 172.17.0.$((i+1))/16 dev eth0; ip -n c$i route add default via 172.17.0.1; done
sleep 3
iptables -t nat -A PREROUTING -p tcp -d 203.0.113.2 --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -A OUTPUT -p tcp -d 203.0.113.2 --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
ip netns exec c1 sh -c 'for k in 1 2 3 4; do echo answer $k | nc -l -p 80 -q 1; done' & sleep 0.5
echo hello | ip netns exec wan nc -q 1 203.0.113.2 8080
sleep 0.5; echo self | nc -q 1 203.0.113.2 8080
iptables -t nat -L -n -v
sleep 0.5; echo hairpin | ip netns exec c2 nc -w 2 -q 1 203.0.113.2 8080
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 -d 172.17.0.2 -p tcp --dport 80 -j MASQUERADE
sleep 0.5; echo hairpin | ip netns exec c2 nc -w 2 -q 1 203.0.113.2 8080
ip netns exec wan nc -z -v -w 1 203.0.113.2 8081
ip netns exec wan nc -z -v -w 1 203.0.113.2 8080
iptables -t nat -L PREROUTING -n -v
iptables -t nat -L POSTROUTING -n -v
iptables-save -t nat | grep -v '^#'
