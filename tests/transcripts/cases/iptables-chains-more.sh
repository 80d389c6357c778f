iptables -t mangle -F INPUT; iptables-save | grep -v '#'
iptables -t mangle -F; iptables-save | grep -v '#'
iptables -t raw -F; iptables-save | grep -v '#'
iptables -t raw -X; iptables -t raw -Z; iptables-save | grep -v '#'
iptables -t raw -Z OUTPUT; iptables-save | grep -v '#'
iptables -t raw -Z OUTPUT 1; iptables -t raw -D OUTPUT 1; iptables-save | grep -v '#'
iptables -A INPUT -p icmp
iptables -Z INPUT 1
iptables -Z INPUT 2
iptables -v -F
iptables -v -X
iptables -N U; iptables -v -F; iptables -v -X
iptables -v -Z INPUT
iptables -v -F INPUT
iptables -v -N W; iptables -v -A W -j DROP; iptables -v -E W WW; iptables -v -P INPUT DROP; iptables -v -I INPUT -s 10.0.0.1 -j WW; iptables -v -D INPUT 1; iptables -v -S
ip6tables -t nat -L -n -Z; ip6tables-save | grep -v '#'
iptables -A INPUT -j LOG --log-prefix 0123456789012345678901234567890
iptables -A INPUT -j LOG --log-prefix 01234567890123456789012345678; iptables -S INPUT
