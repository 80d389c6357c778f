iptables
iptables -X NOPE
iptables -F NOPE
iptables -L NOPE
iptables -S NOPE
iptables -Z NOPE
iptables -N INPUT
iptables -N FOO
iptables -N FOO
iptables -A FOO -j ACCEPT
iptables -X FOO
iptables -A INPUT -j FOO
iptables -F FOO
iptables -X FOO
iptables -P FOO DROP
iptables -P INPUT REJECT
iptables -P INPUT RETURN
iptables -P NOPE ACCEPT
iptables -A NOPE -j ACCEPT
iptables -A INPUT -j NOPE
iptables -A INPUT -g NOPE
iptables -D INPUT 5
iptables -D INPUT -j DROP
iptables -D NOPE 1
iptables -C INPUT -j DROP
iptables -C INPUT -j FOO
iptables -C NOPE -j DROP
iptables -I INPUT 9 -j DROP
iptables -I INPUT 0 -j DROP
iptables -I INPUT 2 -j DROP
iptables -R INPUT 9 -j ACCEPT
iptables -R INPUT 2 -j ACCEPT
iptables -R INPUT -j ACCEPT
iptables -E FOO BAR
iptables -E NOPE BAR
iptables -E BAR INPUT
iptables -N B2
iptables -E BAR B2
iptables -t nope -L
iptables -A INPUT -p nope -j ACCEPT
iptables -A INPUT --dport 80 -j ACCEPT
iptables -A INPUT -p icmp --dport 80 -j ACCEPT
iptables -A INPUT -m nope -j ACCEPT
iptables -A INPUT -s nope -j ACCEPT
iptables -A INPUT -s 10.0.0.0/33 -j ACCEPT
iptables -A INPUT -s 10.0.0.256 -j ACCEPT
iptables -A INPUT -s fe80::1 -j ACCEPT
iptables -A INPUT -i averyveryverylongname -j ACCEPT
iptables -A INPUT -o eth0 -j ACCEPT
iptables -A OUTPUT -i eth0 -j ACCEPT
iptables -A FORWARD -i a/b -j ACCEPT
iptables -t nat -A POSTROUTING -i eth0 -j MASQUERADE
iptables -t nat -A PREROUTING -o eth0 -j ACCEPT
iptables -A INPUT -j MASQUERADE
iptables -t nat -A PREROUTING -j MASQUERADE
iptables -t nat -A POSTROUTING -j DNAT --to 1.1.1.1
iptables -t nat -A PREROUTING -j DNAT
iptables -t nat -A PREROUTING -j DNAT --to 1.1.1.1:80
iptables -t nat -A POSTROUTING -j SNAT
iptables -t nat -A POSTROUTING -j SNAT --to nope
iptables -t nat -A INPUT -j DROP
iptables -t nat -A PREROUTING -j REJECT
iptables -t mangle -A FORWARD -j REJECT
iptables -A FORWARD -j REJECT --reject-with nope
iptables -A FORWARD -j REJECT --reject-with tcp-reset
iptables -A FORWARD -m conntrack -j ACCEPT
iptables -A FORWARD -m conntrack --ctstate NOPE -j ACCEPT
iptables -A FORWARD -m state -j ACCEPT
iptables -A FORWARD -m mark -j ACCEPT
iptables -A FORWARD -m mark --mark zz -j ACCEPT
iptables -A FORWARD -j MARK
iptables -A FORWARD -j MARK --set-mark 1
iptables -A FORWARD -m comment -j ACCEPT
iptables -A FORWARD -m addrtype -j ACCEPT
iptables -A FORWARD -m addrtype --dst-type NOPE -j ACCEPT
iptables -A FORWARD -m multiport --dports 80 -j ACCEPT
iptables -A FORWARD -p tcp -m multiport -j ACCEPT
iptables -A FORWARD -p tcp --dport nope -j ACCEPT
iptables -A FORWARD -p tcp --dport http -j ACCEPT
iptables -A FORWARD -p tcp --dport 70000 -j ACCEPT
iptables -A FORWARD -p tcp --dport 90:80 -j ACCEPT
iptables -A FORWARD -p tcp --tcp-flags SYN -j ACCEPT
iptables -A FORWARD -p tcp --tcp-flags NOPE SYN -j ACCEPT
iptables -A FORWARD -p icmp --icmp-type nope -j ACCEPT
iptables -A FORWARD -m limit --limit 0/s -j ACCEPT
iptables -A FORWARD -m limit --limit 5/nope -j ACCEPT
iptables -A FORWARD -j LOG --log-prefix "averyveryverylongprefixthatistoolong"
iptables -A FORWARD -j LOG --log-level nope
iptables -A FORWARD -m mac --mac-source nope -j ACCEPT
iptables -A FORWARD
iptables -A FORWARD -j
iptables -A
iptables -N
iptables -Q FORWARD
iptables --nope
iptables -A FORWARD --nope -j ACCEPT
iptables -A FORWARD -j ACCEPT --nope
iptables -A FORWARD -j ACCEPT foo
iptables foo
iptables -A FORWARD -A INPUT -j ACCEPT
iptables -A FORWARD -j ACCEPT -j DROP
iptables -A FORWARD -s 1.1.1.1 -s 2.2.2.2 -j ACCEPT
iptables -L -A INPUT
iptables -t nat -N averyveryveryveryverylongchainname
iptables -N -foo
iptables -N ACCEPT
iptables -N '!foo'
iptables -D INPUT 0
iptables -D INPUT x
iptables -S INPUT 99
iptables -L INPUT 99
iptables -P INPUT
iptables -V
iptables --version
iptables -w -S INPUT
iptables -w 5 -S INPUT
iptables --wait=5 -S INPUT
iptables -W 100 -S INPUT
iptables -Z
iptables -Z INPUT 1
iptables -A INPUT -c 5 100 -j ACCEPT
iptables -A INPUT -c 5 -j ACCEPT
iptables -A INPUT -c 5,100 -j ACCEPT
iptables -L INPUT -v
iptables -L INPUT -Z
iptables -F
iptables -X
iptables -S
iptables -4 -S
iptables -6 -S
iptables -A FORWARD ! -j ACCEPT
iptables -A FORWARD -j ACCEPT ! -s 1.1.1.1
iptables -A FORWARD -s ! 1.1.1.1 -j ACCEPT
iptables -A FORWARD -m comment --comment a -m comment --comment b -j DROP
iptables -A FORWARD -p tcp -p udp -j DROP
iptables -A FORWARD -p all -j ACCEPT
iptables -A FORWARD ! -p all -j ACCEPT
iptables -A FORWARD -s 0.0.0.0/0 -d 0/0 -j ACCEPT
iptables -A FORWARD ! -s 0.0.0.0/0 -j ACCEPT
iptables -A FORWARD -i + -j ACCEPT
iptables -A FORWARD ! -i + -j ACCEPT
iptables -A FORWARD -p TCP --dport 80 -j accept
iptables -A FORWARD -p TCP --dport 80 -j Accept
iptables -A FORWARD --protocol tcp --destination-port 80 --jump ACCEPT
iptables -S FORWARD
