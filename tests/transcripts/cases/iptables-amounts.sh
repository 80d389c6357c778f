# firewall: matches of time, content, rate and amount, and what they let through
ip netns add p; ip -n p link set lo up
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns p address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev va; ip -n p addr add 10.0.0.2/24 dev vb; ip link set va up; ip -n p link set vb up
sleep 2
iptables -A INPUT -p icmp -m hashlimit --hashlimit-name pings --hashlimit-upto 1/min --hashlimit-burst 2 --hashlimit-mode srcip -j ACCEPT
iptables -A INPUT -p icmp -j DROP
for i in 1 2 3; do ip netns exec p ping -c 1 -W 1 10.0.0.1 | grep transmitted; done
iptables -L INPUT -n -v
iptables -F INPUT
iptables -A INPUT -p icmp -m string --string "AAAA" --algo bm -j DROP
ip netns exec p ping -c 1 -W 1 -p 41 10.0.0.1 | grep transmitted
ip netns exec p ping -c 1 -W 1 -p 42 10.0.0.1 | grep transmitted
iptables -R INPUT 1 -p icmp -m string ! --string "AAAA" --algo kmp -j DROP
ip netns exec p ping -c 1 -W 1 -p 41 10.0.0.1 | grep transmitted
ip netns exec p ping -c 1 -W 1 -p 42 10.0.0.1 | grep transmitted
iptables -R INPUT 1 -p icmp -m string --string "bbbb" --algo bm --icase -j DROP
ip netns exec p ping -c 1 -W 1 -p 42 10.0.0.1 | grep transmitted
iptables -R INPUT 1 -p icmp -m string --hex-string "|42424242|" --algo bm --from 60 --to 70 -j DROP
ip netns exec p ping -c 1 -W 1 -p 42 10.0.0.1 | grep transmitted
iptables -R INPUT 1 -p icmp -m string --hex-string "|42424242|" --algo bm --to 28 -j DROP
ip netns exec p ping -c 1 -W 1 -p 42 10.0.0.1 | grep transmitted
iptables -F INPUT
iptables -A INPUT -p icmp -m quota --quota 168 -j ACCEPT
iptables -A INPUT -p icmp -j DROP
for i in 1 2 3; do ip netns exec p ping -c 1 -W 1 10.0.0.1 | grep transmitted; done
iptables -L INPUT -n -v
iptables -S INPUT
iptables -F INPUT
iptables -L INPUT -n -v
iptables -F INPUT
iptables -A INPUT -m string --string x -j ACCEPT
iptables -A INPUT -m string --algo bm -j ACCEPT
iptables -A INPUT -m string --algo bm --string x --hex-string y -j ACCEPT
iptables -A INPUT -m string --algo bm --hex-string "|zz|" -j ACCEPT
iptables -A INPUT -m string --algo bm --hex-string "|41" -j ACCEPT
iptables -A INPUT -m string --algo bm --from 9 --to 3 --string x -j ACCEPT
iptables -A INPUT -m string --algo bm --string "it's \"odd\"" -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit-name x -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit-upto 5/sec -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-above 6/sec --hashlimit-name x -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit-upto frob --hashlimit-name x -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-mode frob --hashlimit-name x -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-name y -j ACCEPT
iptables -A INPUT -m hashlimit --hashlimit 7/hour --hashlimit-burst 20 --hashlimit-name w --hashlimit-htable-size 64 --hashlimit-htable-max 100 --hashlimit-htable-gcinterval 500 --hashlimit-htable-expire 1000 -j ACCEPT
iptables -A INPUT -m quota -j ACCEPT
iptables -A INPUT -m quota ! --quota 5 -j ACCEPT
iptables -A INPUT -m quota --quota frob -j ACCEPT
iptables -S INPUT
iptables -L INPUT -n
iptables-save | grep -v '^#'
