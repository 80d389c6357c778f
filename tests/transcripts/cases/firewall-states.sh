# states of connections through a stateful firewall
for n in a f b; do ip netns add $n; ip -n $n link set lo up; done
ip link add a0 netns a type veth peer name fa netns f; ip link add b0 netns b type veth peer name fb netns f
for d in "a a0" "f fa" "f fb" "b b0"; do set -- $d; ip -n $1 link set $2 addrgenmode none; done
ip -n a addr add 10.1.0.2/24 dev a0; ip -n f addr add 10.1.0.1/24 dev fa; ip -n f addr add 10.2.0.1/24 dev fb; ip -n b addr add 10.2.0.2/24 dev b0
ip -n a link set a0 up; ip -n f link set fa up; ip -n f link set fb up; ip -n b link set b0 up; ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip netns exec f sysctl -qw net.ipv4.ip_forward=1
ip netns exec f iptables -P FORWARD DROP
ip netns exec f iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
ip netns exec f iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
ip netns exec f iptables -A FORWARD -i fa -o fb -p icmp -m icmp --icmp-type echo-request -m limit --limit 1/sec --limit-burst 3 -j ACCEPT
ip netns exec f iptables -A FORWARD -i fa -o fb -p tcp -m tcp --dport 22 --syn -m conntrack --ctstate NEW -m comment --comment "ssh in" -j ACCEPT
ip netns exec f iptables -A FORWARD -i fa -p udp -m udp --dport 53 -j ACCEPT
ip netns exec f iptables -A FORWARD -j LOG --log-prefix "dropped: " --log-level 4
ip netns exec f iptables -A FORWARD -i fa -j REJECT --reject-with icmp-port-unreachable
ip netns exec f iptables -L FORWARD -n -v --line-numbers
ip netns exec f iptables -S FORWARD
ip netns exec a ping -c 5 -i 0.2 -W 1 10.2.0.2
ip netns exec b ping -c 2 -i 0.2 -W 1 10.1.0.2
ip netns exec b sh -c 'echo ssh | timeout 5 nc -l -p 22 -q 1' & sleep 0.5; ip netns exec a nc -n -q 1 10.2.0.2 22 < /dev/null; wait
ip netns exec a nc -n -v -w 2 10.2.0.2 23 < /dev/null
ip netns exec a sh -c 'echo q | nc -n -u -w 1 10.2.0.2 53'
ip netns exec f iptables -L FORWARD -n -v --line-numbers
ip netns exec f iptables -D FORWARD -i fa -p udp -m udp --dport 53 -j ACCEPT
ip netns exec f iptables -D FORWARD -i fa -p udp -m udp --dport 53 -j ACCEPT
ip netns exec f iptables -C FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; echo $?
ip netns exec f iptables -D FORWARD 6
ip netns exec f iptables -L FORWARD --line-numbers -n
ip netns exec f iptables -L -n -v -x
ip netns exec f iptables -Z
ip netns exec f iptables -L FORWARD -v
