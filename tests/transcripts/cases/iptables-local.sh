ip link set lo up
iptables -N X; ping -c 1 127.0.0.1 >/dev/null; iptables -S -v
iptables -P INPUT ACCEPT; ping -c 1 127.0.0.1 >/dev/null; iptables -S -v; iptables -L -v
iptables -Z; ping -c 1 127.0.0.1 >/dev/null; iptables -S -v
iptables -Z INPUT; iptables -S -v
printf '*filter\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n' | iptables-restore; ping -c 1 127.0.0.1 >/dev/null; iptables -S -v
printf '*filter\n:OUTPUT ACCEPT\n-A INPUT -j ACCEPT\nCOMMIT\n' | iptables-restore; ping -c 1 127.0.0.1 >/dev/null; iptables -S -v
iptables -F; ping -c 1 127.0.0.1 >/dev/null; iptables -S -v
iptables -P INPUT ACCEPT -c 7 700; iptables -S -v
iptables -A OUTPUT -d 127.0.0.2 -j REJECT; ping -c 2 127.0.0.2
iptables -A OUTPUT -d 127.0.0.3 -j DROP; ping -c 2 -W 1 127.0.0.3
iptables -A INPUT -d 127.0.0.4 -j REJECT; ping -c 2 -W 1 127.0.0.4
iptables -A OUTPUT -p udp -d 127.0.0.5 -j REJECT --reject-with icmp-admin-prohibited; traceroute -n -q 1 -m 2 -w 1 127.0.0.5
iptables -A OUTPUT -p udp -d 127.0.0.6 -j DROP; traceroute -n -q 1 -m 2 -w 1 127.0.0.6
iptables -A INPUT -p tcp --dport 5 -j REJECT --reject-with tcp-reset; traceroute -T -p 5 -n -q 1 -m 2 -w 1 127.0.0.7
iptables -A INPUT -p tcp --dport 6 -j DROP; traceroute -T -p 6 -n -q 1 -m 2 -w 1 127.0.0.7
iptables -A INPUT -p tcp --dport 7 -j REJECT; traceroute -T -p 7 -n -q 1 -m 2 -w 1 127.0.0.7
iptables -S -v
