sysctl -qw net.ipv4.ip_forward=1
ip netns add wan; ip link add eth0 address 02:00:00:00:ee:01 type veth peer name w0 netns wan address 02:00:00:00:ee:02
ip addr add 203.0.113.2/24 dev eth0; ip link set eth0 up; ip -n wan addr add 203.0.113.1/24 dev w0; ip -n wan link set w0 up; ip -n wan link set lo up; ip -n wan addr add 8.8.8.8/32 dev lo; ip route add default via 203.0.113.1
for b in 1 2; do ip link add br$b address 02:42:0a:00:00:f$b type bridge; ip addr add 172.1$b.0.1/16 brd + dev br$b; ip link set br$b up; for i in 2 3; do ip netns add c$b$i; ip link add v$b$i address 02:42:0a:00:0$b:0$i type veth peer name eth0 netns c$b$i address 02:42:ac:1$b:00:0$i; ip link set v$b$i master br$b up; ip -n c$b$i link set lo up; ip -n c$b$i link set eth0 up; ip -n c$b$i addr add 172.1$b.0.$i/16 dev eth0; ip -n c$b$i route add default via 172.1$b.0.1; done; done
sleep 3
iptables -P FORWARD DROP
iptables -N DOCKER; iptables -N DOCKER-ISOLATION-STAGE-1; iptables -N DOCKER-ISOLATION-STAGE-2; iptables -N DOCKER-USER
iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
for b in 1 2; do iptables -A FORWARD -o br$b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A FORWARD -o br$b -j DOCKER; iptables -A FORWARD -i br$b ! -o br$b -j ACCEPT; iptables -A FORWARD -i br$b -o br$b -j ACCEPT; iptables -A DOCKER-ISOLATION-STAGE-1 -i br$b ! -o br$b -j DOCKER-ISOLATION-STAGE-2; iptables -A DOCKER-ISOLATION-STAGE-2 -o br$b -j DROP; iptables -t nat -A POSTROUTING -s 172.1$b.0.0/16 ! -o br$b -j MASQUERADE; done
iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN; iptables -A DOCKER-ISOLATION-STAGE-2 -j RETURN; iptables -A DOCKER-USER -j RETURN
iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
iptables -S; iptables -t nat -S
ip netns exec c12 ping -c 1 -W 1 172.11.0.3
ip netns exec c12 ping -c 1 -W 1 172.12.0.2
ip netns exec c12 ping -c 1 -W 1 172.12.0.1
ip netns exec c12 ping -c 1 -W 1 8.8.8.8
iptables -L -n -v
iptables -t nat -L -n -v
ip netns exec c12 ping -c 1 -t 1 8.8.8.8
ip netns exec c12 ping -c 1 -t 2 8.8.8.8
ip netns exec c12 ping -c 1 203.0.113.77
ip netns exec c12 traceroute -n -q 1 -w 1 -N 1 8.8.8.8
ip -n wan route add unreachable 9.9.9.9; ip netns exec wan sysctl -qw net.ipv4.ip_forward=1
ip netns exec c12 ping -c 1 9.9.9.9
ip netns exec wan iptables -A INPUT -p icmp -j REJECT --reject-with icmp-host-prohibited
ip netns exec c12 ping -c 1 8.8.8.8
ip netns exec wan iptables -F
iptables -I DOCKER-USER -s 172.11.0.2 -d 8.8.8.8 -j REJECT
ip netns exec c12 ping -c 1 8.8.8.8
ip netns exec c13 ping -c 1 8.8.8.8
iptables -L DOCKER-USER -n -v
ping -c 1 172.11.0.2
ip netns exec wan ip route add 172.11.0.0/16 via 203.0.113.2
ip netns exec wan ping -c 1 -W 1 172.11.0.2
sysctl net.bridge.bridge-nf-call-iptables
iptables -I FORWARD -i br1 -o br1 -j DROP
ip netns exec c12 ping -c 1 -W 1 172.11.0.3
sysctl -w net.bridge.bridge-nf-call-iptables=0
ip netns exec c12 ping -c 1 -W 1 172.11.0.3
iptables -L FORWARD 1 -n -v
