iptables -A INPUT -p tcp --dport 81 -j REJECT
iptables -A OUTPUT -p tcp --dport 82 -j REJECT
nc -n -v 127.0.0.1 81
nc -n -v 127.0.0.1 82
iptables -L -n -v
ip netns add b; ip link add a0 type veth peer name b0 netns b; ip addr add 10.0.0.1/24 dev a0; ip link set a0 up; ip -n b addr add 10.0.0.2/24 dev b0; ip -n b link set b0 up; sleep 2
ip netns exec b iptables -A INPUT -p tcp --dport 81 -j REJECT; ip netns exec b iptables -A INPUT -p tcp --dport 83 -j REJECT --reject-with tcp-reset
nc -n -v 10.0.0.2 81
nc -n -v 10.0.0.2 83
nc -n -v -w 1 10.0.0.2 81
nc -n -v -w 2 10.0.0.2 81
ip netns exec b iptables -L -n -v
curl -s http://10.0.0.2:81/; echo $?
ip route add unreachable 10.5.0.0/24; nc -n -v 10.5.0.1 81
