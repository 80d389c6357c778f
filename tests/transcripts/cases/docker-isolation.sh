# isolation between two user networks, as docker's two stages build it
sysctl -q -w net.ipv4.ip_forward=1
for b in 1 2; do ip link add br-$b address 02:42:0a:00:0$b:01 type bridge; ip addr add 172.1$b.0.1/16 dev br-$b; ip link set br-$b up; ip netns add n$b; ip link add v$b address 02:42:0a:00:0$b:02 type veth peer name eth0 netns n$b address 02:42:ac:1$b:00:02; ip link set v$b master br-$b up; ip -n n$b link set lo up; ip -n n$b link set eth0 up; ip -n n$b addr add 172.1$b.0.2/16 dev eth0; ip -n n$b route add default via 172.1$b.0.1; done
sleep 3
ip netns exec n1 ping -c 1 -W 1 172.12.0.2
for c in DOCKER DOCKER-USER DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2; do iptables -N $c; done
iptables -N DOCKER
iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
for b in 1 2; do iptables -A FORWARD -o br-$b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A FORWARD -o br-$b -j DOCKER; iptables -A FORWARD -i br-$b ! -o br-$b -j ACCEPT; iptables -A FORWARD -i br-$b -o br-$b -j ACCEPT; iptables -I DOCKER-ISOLATION-STAGE-1 -i br-$b ! -o br-$b -j DOCKER-ISOLATION-STAGE-2; iptables -I DOCKER-ISOLATION-STAGE-2 -o br-$b -j DROP; done
iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN; iptables -A DOCKER-ISOLATION-STAGE-2 -j RETURN; iptables -A DOCKER-USER -j RETURN
iptables -P FORWARD DROP
ip netns exec n1 ping -c 2 -W 1 172.12.0.2
iptables -L -n -v
iptables -S
iptables -I DOCKER-USER -s 172.11.0.2 -d 172.12.0.2 -p icmp --icmp-type echo-request -j ACCEPT
ip netns exec n1 ping -c 1 -W 1 172.12.0.2
iptables -I DOCKER-USER -m conntrack --ctstate ESTABLISHED -j ACCEPT
ip netns exec n1 ping -c 1 -W 1 172.12.0.2
ip netns exec n2 ping -c 1 -W 1 172.11.0.2
ip netns exec n2 ping -c 1 -W 1 172.11.0.1
iptables -I INPUT -i br-2 ! -d 172.12.0.1 -j REJECT --reject-with icmp-host-prohibited
ip netns exec n2 ping -c 1 -W 1 172.11.0.1
iptables -L DOCKER-USER -n -v --line-numbers
iptables -X DOCKER-USER
iptables -F DOCKER-USER; iptables -X DOCKER-USER; iptables -D FORWARD -j DOCKER-USER; iptables -X DOCKER-USER
iptables -E DOCKER D2; iptables -S FORWARD
iptables -Z DOCKER-ISOLATION-STAGE-2; iptables -nvL DOCKER-ISOLATION-STAGE-2
