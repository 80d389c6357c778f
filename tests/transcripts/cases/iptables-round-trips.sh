# iptables-save and -restore round trips
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
printf '%s\n' '*nat' ':PREROUTING ACCEPT [0:0]' ':DOCKER - [0:0]' '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER' '-A DOCKER -i v0 -j RETURN' '-A DOCKER ! -i v0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8080' COMMIT '*filter' ':INPUT DROP [5:300]' ':FORWARD ACCEPT [0:0]' ':OUTPUT ACCEPT [0:0]' ':mine - [0:0]' '[3:180] -A INPUT -i lo -j ACCEPT' '-A INPUT -j mine' '-A mine -s 10.0.0.0/8 -j RETURN' '-A mine -m limit --limit 5/min -j LOG --log-prefix "drop: " --log-level 7' COMMIT > rules
iptables-restore -t rules; echo $?
iptables-save | grep -c .
iptables-restore rules
iptables-save | grep -v '^#'
iptables-save -c | grep -v '^#'
iptables-restore -c < rules; iptables-save -c -t filter | grep -v '^#'
iptables-restore -n < rules; iptables -S | grep -c mine
printf '*filter\n-A INPUT -p tcp --dport 99 -j NOWHERE\nCOMMIT\n' | iptables-restore -n
printf '*filter\n-A INPUT -p tcp --dport 99 -j ACCEPT\n' | iptables-restore -n
printf '*filter\n-A INPUT -p tcp --dport 99 -j ACCEPT\nCOMMIT\n' | iptables-restore -n; iptables -S INPUT
printf '*nosuch\nCOMMIT\n' | iptables-restore
printf '*filter\n:INPUT BAD [0:0]\nCOMMIT\n' | iptables-restore
printf '*filter\nfoo\nCOMMIT\n' | iptables-restore
printf '*filter\n-D INPUT -p tcp --dport 99 -j ACCEPT\n-I INPUT 1 -p udp -j ACCEPT\n-F mine\nCOMMIT\n' | iptables-restore --noflush; iptables -S
iptables-save -t nat | iptables-restore -T nat; iptables -t nat -S
iptables-save > s1; iptables-restore < s1; iptables-save > s2; diff <(grep -v '^#' s1) <(grep -v '^#' s2) && echo same
iptables-save -f out; wc -l < out | tr -d ' '
ip6tables-save; printf '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p ipv6-icmp -j ACCEPT\nCOMMIT\n' | ip6tables-restore; ip6tables-save | grep -v '^#'
iptables -C INPUT -p udp -j ACCEPT; echo $?; iptables -C INPUT -p udp -j DROP; iptables -D INPUT 9; iptables -R INPUT 1 -p udp -j DROP; iptables -I INPUT 0 -j DROP; iptables -I INPUT 7 -j DROP; iptables -S INPUT
iptables -w -L INPUT 1 -n -v; iptables -L INPUT 1; iptables -n -L -x -v mine; iptables -L mine --line-numbers -n
iptables -P mine DROP; iptables -P INPUT REJECT; iptables -X INPUT; iptables -N INPUT; iptables -N a-very-long-name-for-a-chain-that-is-too-long; iptables -N -x; iptables -F nosuch; iptables -Z nosuch
