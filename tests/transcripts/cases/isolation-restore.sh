# docker's isolation stages on two bridges, with user chain; restore and save with counters
ip netns add h; ip -n h link set lo up; ip netns exec h sysctl -qw net.ipv4.ip_forward=1
for b in 1 2; do ip -n h link add br$b address 02:00:00:00:0$b:01 type bridge mcast_snooping 0; ip -n h link set br$b addrgenmode none; ip -n h addr add 172.2$b.0.1/16 brd + dev br$b; ip -n h link set br$b up; ip netns add c$b; ip -n h link add v$b type veth peer name eth0 netns c$b; ip -n h link set v$b addrgenmode none; ip -n h link set v$b master br$b up; ip -n c$b link set eth0 addrgenmode none; ip -n c$b addr add 172.2$b.0.2/16 dev eth0; ip -n c$b link set eth0 up; ip -n c$b route add default via 172.2$b.0.1; done
printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' ':FORWARD DROP [0:0]' ':OUTPUT ACCEPT [0:0]' ':DOCKER - [0:0]' ':DOCKER-ISOLATION-STAGE-1 - [0:0]' ':DOCKER-ISOLATION-STAGE-2 - [0:0]' ':DOCKER-USER - [0:0]' '-A FORWARD -j DOCKER-USER' '-A FORWARD -j DOCKER-ISOLATION-STAGE-1' '-A FORWARD -o br1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT' '-A FORWARD -o br1 -j DOCKER' '-A FORWARD -i br1 ! -o br1 -j ACCEPT' '-A FORWARD -i br1 -o br1 -j ACCEPT' '-A FORWARD -o br2 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT' '-A FORWARD -o br2 -j DOCKER' '-A FORWARD -i br2 ! -o br2 -j ACCEPT' '-A FORWARD -i br2 -o br2 -j ACCEPT' '-A DOCKER-ISOLATION-STAGE-1 -i br1 ! -o br1 -j DOCKER-ISOLATION-STAGE-2' '-A DOCKER-ISOLATION-STAGE-1 -i br2 ! -o br2 -j DOCKER-ISOLATION-STAGE-2' '-A DOCKER-ISOLATION-STAGE-1 -j RETURN' '-A DOCKER-ISOLATION-STAGE-2 -o br1 -j DROP' '-A DOCKER-ISOLATION-STAGE-2 -o br2 -j DROP' '-A DOCKER-ISOLATION-STAGE-2 -j RETURN' '-A DOCKER-USER -j RETURN' COMMIT > /tmp/rules.v4
ip netns exec h iptables-restore < /tmp/rules.v4
ip netns exec c1 ping -c 1 -W 1 172.22.0.2
ip netns exec c1 ping -c 1 -W 1 172.21.0.1
ip netns exec c1 ping -c 1 -W 1 172.22.0.1
ip netns exec h iptables -nvL FORWARD
ip netns exec h iptables -nvL DOCKER-ISOLATION-STAGE-2 --line-numbers
ip netns exec h iptables-save -c | grep -v '^#'
ip netns exec h iptables-save -c > /tmp/saved.v4; ip netns exec h iptables -F; ip netns exec h iptables-restore -c < /tmp/saved.v4; ip netns exec h iptables -nvL DOCKER-ISOLATION-STAGE-2
ip netns exec h iptables -I DOCKER-USER -i br1 -o br2 -j ACCEPT
ip netns exec c1 ping -c 1 -W 1 172.22.0.2
ip netns exec h iptables -I DOCKER-USER 2 -i br2 -o br1 -m conntrack --ctstate ESTABLISHED -j ACCEPT
ip netns exec c1 ping -c 1 -W 1 172.22.0.2
ip netns exec h iptables -D DOCKER-USER -i br1 -o br2 -j ACCEPT
ip netns exec h iptables -X DOCKER
ip netns exec h iptables -E DOCKER-USER MY-USER
ip netns exec h iptables -S | grep USER
ip netns exec h iptables -t nat -A POSTROUTING -s 172.21.0.0/16 ! -o br1 -j MASQUERADE
printf '%s\n' '*nat' '-A POSTROUTING -s 172.22.0.0/16 ! -o br2 -j MASQUERADE' COMMIT | ip netns exec h iptables-restore -n
ip netns exec h iptables -t nat -S
printf '%s\n' '*nat' '-A NOPE -j ACCEPT' COMMIT | ip netns exec h iptables-restore -n
printf '%s\n' '*filter' ':FORWARD ACCEPT' '-A FORWARD -j NOWHERE' COMMIT | ip netns exec h iptables-restore -t
printf '%s\n' '*filter' '-A FORWARD -j ACCEPT' | ip netns exec h iptables-restore -n
