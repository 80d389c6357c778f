# IPv6 NAT: masquerade, a published port, a prefix of documentation outside
sysctl -q -w net.ipv6.conf.all.forwarding=1
ip netns add wan; ip netns add c
ip link add eth0 address 02:00:00:00:ee:01 type veth peer name w0 netns wan address 02:00:00:00:ee:02
ip link add v0 address 02:00:00:00:cc:01 type veth peer name eth0 netns c address 02:00:00:00:cc:02
ip addr add 2001:db8:1::2/64 dev eth0 nodad; ip link set eth0 up; ip -n wan addr add 2001:db8:1::1/64 dev w0 nodad; ip -n wan link set w0 up; ip -n wan link set lo up
ip addr add fd00:c::1/64 dev v0 nodad; ip link set v0 up; ip -n c addr add fd00:c::2/64 dev eth0 nodad; ip -n c link set eth0 up; ip -n c link set lo up; ip -n c -6 route add default via fd00:c::1
sleep 3
ip netns exec c ping -c 1 -W 1 2001:db8:1::1
ip6tables -t nat -A POSTROUTING -s fd00:c::/64 ! -o v0 -j MASQUERADE
ip netns exec c ping -c 1 -W 1 2001:db8:1::1
ip6tables -t nat -A PREROUTING -p tcp -d 2001:db8:1::2 --dport 8080 -j DNAT --to-destination '[fd00:c::2]:80'
ip6tables -t nat -A OUTPUT -p tcp --dport 99 -j REDIRECT --to-ports 98
ip netns exec wan traceroute -6 -n -T -p 8080 -q 1 -w 1 -N 1 2001:db8:1::2
ip netns exec wan traceroute -6 -n -T -p 8081 -q 1 -w 1 -N 1 2001:db8:1::2
ip netns exec wan ping -c 1 -W 1 fd00:c::2
ip -n wan route add fd00:c::/64 via 2001:db8:1::2
ip netns exec wan ping -c 1 -W 1 fd00:c::2
ip6tables -A FORWARD -i eth0 -o v0 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; ip6tables -A FORWARD -i v0 -j ACCEPT; ip6tables -A FORWARD -j REJECT --reject-with icmp6-adm-prohibited
ip netns exec wan ping -c 1 -W 1 fd00:c::2
ip netns exec c ping -c 1 -W 1 2001:db8:1::1
ip6tables -t nat -L -n -v
ip6tables -L -n -v
ip6tables -t nat -S
ip netns exec c traceroute -6 -n -q 1 -w 1 -N 1 2001:db8:1::1
ip6tables -t nat -A POSTROUTING -o eth0 -p udp -j SNAT --to-source 2001:db8:1::2:
ip6tables -t nat -A POSTROUTING -o eth0 -p udp -j SNAT --to-source 10.0.0.1
ip6tables -t nat -A POSTROUTING -o eth0 -p udp -j SNAT --to-source [2001:db8:1::2]:1000-2000; ip6tables -t nat -S POSTROUTING
ip6tables-save -t nat | grep -v '^#'
