iptables -L
iptables -t nat -L -n -v
iptables-save | grep -v "^#"
iptables -A INPUT -p tcp --dport 80 -j ACCEPT
iptables -A INPUT -p tcp --sport 1000:2000 ! --dport 80 -j DROP
iptables -A INPUT -p udp -m udp --dport 53 -s 10.0.0.0/8 -d 192.168.1.1 -i eth0 -j ACCEPT
iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
iptables -A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT
iptables -A INPUT -p icmp --icmp-type any -j ACCEPT
iptables -A INPUT -p tcp --syn -j REJECT --reject-with tcp-reset
iptables -A INPUT -p tcp ! --syn -j LOG
iptables -A INPUT -p tcp --tcp-flags ALL SYN,ACK -j ACCEPT
iptables -A INPUT -p tcp --tcp-flags SYN,FIN SYN,FIN -j DROP
iptables -A INPUT -p tcp --tcp-flags ALL NONE -j DROP
iptables -A INPUT -m conntrack --ctstate NEW,ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -m conntrack ! --ctstate INVALID,UNTRACKED,SNAT,DNAT -j ACCEPT
iptables -A INPUT -m conntrack --ctorigdst 10.0.0.1 --ctproto tcp --ctdir ORIGINAL --ctstatus ASSURED -j ACCEPT
iptables -A INPUT -m state --state NEW -j ACCEPT
iptables -A INPUT -m comment --comment word -j ACCEPT
iptables -A INPUT -m comment --comment "two words" -j ACCEPT
iptables -A INPUT -m mark --mark 0x10/0xff -j ACCEPT
iptables -A INPUT -m mark ! --mark 5 -j ACCEPT
iptables -A INPUT -m connmark --mark 5 -j ACCEPT
iptables -A INPUT -m addrtype --dst-type LOCAL ! --src-type UNICAST,BROADCAST --limit-iface-in -j ACCEPT
iptables -A INPUT -p tcp -m multiport --dports 80,443,1000:2000 -j ACCEPT
iptables -A INPUT -p tcp -m multiport ! --sports 80 -j ACCEPT
iptables -A INPUT -p udp -m multiport --ports 80,53 -j ACCEPT
iptables -A INPUT -m limit --limit 5/min --limit-burst 10 -j LOG --log-prefix "hi there " --log-level 4
iptables -A INPUT -m limit --limit 100/second -j LOG --log-level debug --log-tcp-options --log-ip-options --log-uid --log-tcp-sequence
iptables -A INPUT -m mac --mac-source 02:00:00:00:00:Ab -j DROP
iptables -A INPUT -m mac ! --mac-source 02:00:00:00:00:Ab -j DROP
iptables -A INPUT -m physdev --physdev-in eth0 --physdev-is-bridged -j ACCEPT
iptables -A FORWARD -m physdev ! --physdev-out eth+ -j ACCEPT
iptables -A INPUT -f -j DROP
iptables -A INPUT ! -f -j DROP
iptables -A INPUT ! -i eth+ ! -s 10.0.0.0/8 ! -d 10.0.0.1 ! -p tcp -j RETURN
iptables -A INPUT -j REJECT
iptables -A INPUT -j REJECT --reject-with icmp-host-prohibited
iptables -A INPUT -p 47 -j ACCEPT
iptables -A INPUT -p gre
iptables -A INPUT
iptables -N FOO
iptables -A INPUT -j FOO
iptables -A INPUT -g FOO
iptables -A FOO -j RETURN
iptables -A FOO -s 10.1.2.3,10.1.2.4 -d 1.1.1.1/255.255.0.0 -j ACCEPT
iptables -A FOO -s 10.0.0.0/255.0.255.0
iptables -S
iptables -L
iptables -L -n
iptables -L -n -v
iptables -L INPUT -v -x --line-numbers
iptables -L FOO --line-numbers -n
iptables -S INPUT 3
iptables -L INPUT 3
iptables -v -S FOO
iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to 172.17.0.2-172.17.0.5:80-90 --random --persistent
iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j SNAT --to-source 1.2.3.4
iptables -t nat -A POSTROUTING -p udp -j SNAT --to-source 1.2.3.4:1000-2000
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 1000-2000 --random
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
iptables -t nat -A POSTROUTING -j MASQUERADE --random-fully
iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128
iptables -t nat -A OUTPUT -m addrtype --dst-type LOCAL ! -d 127.0.0.0/8 -j REDIRECT
iptables -t nat -S
iptables -t nat -L -n -v --line-numbers
iptables -t nat -L
iptables -t mangle -A PREROUTING -j MARK --set-mark 0x1
iptables -t mangle -A PREROUTING -j MARK --set-xmark 0x1/0xff
iptables -t mangle -A PREROUTING -j MARK --or-mark 0x1
iptables -t mangle -A PREROUTING -j MARK --and-mark 0x1
iptables -t mangle -A PREROUTING -j MARK --xor-mark 0x1
iptables -t mangle -A PREROUTING -j CONNMARK --set-mark 5
iptables -t mangle -A PREROUTING -j CONNMARK --save-mark
iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark --mask 0xff
iptables -t mangle -A PREROUTING -j TTL --ttl-inc 1
iptables -t mangle -L -n
iptables -t mangle -S
iptables -t raw -A PREROUTING -j NOTRACK
iptables -t raw -A PREROUTING -j CT --notrack
iptables -t raw -L -n
iptables -t security -L -n
iptables-save -c | grep -v "^#"
iptables-save -t nat | grep -v "^#"
