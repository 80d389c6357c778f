# what invented scripts found in the words of iptables: numbers out of range, ports of udp, ranges, goto, chains that are not there
iptables -A CHAIN2 -g CHAIN2
iptables -A CHAIN2 -j CHAIN2
iptables -A INPUT -g CHAIN2
iptables -A INPUT -j CHAIN2
iptables -N CHAIN1
iptables -A CHAIN2 -g CHAIN1
iptables -A CHAIN2 -j CHAIN1
iptables -A CHAIN1 -g CHAIN2
iptables -I CHAIN1 -g CHAIN2
iptables -C CHAIN1 -g CHAIN2
iptables -D CHAIN1 -g CHAIN2
iptables -A INPUT -g ACCEPT
iptables -A INPUT -g INPUT
ip6tables -A CHAIN2 -g CHAIN2
iptables -E CHAIN4 CHAIN1
iptables -E CHAIN4 CHAIN5
iptables -E CHAIN1 CHAIN1
iptables -E CHAIN1 INPUT
iptables -E INPUT CHAIN1
iptables -E INPUT CHAIN7
iptables -A FORWARD -p udp --sport 1:70000 -j ACCEPT
iptables -A FORWARD -p udp --sport 70000:70000 -j ACCEPT
iptables -A FORWARD -p udp --sport 70000 -j ACCEPT
iptables -A FORWARD -p udp --sport 70000: -j ACCEPT
iptables -A FORWARD -p udp --sport :70000 -j ACCEPT
iptables -A FORWARD -p udp --sport 5:3 -j ACCEPT
iptables -A FORWARD -p udp --sport 70000:3 -j ACCEPT
iptables -A FORWARD -p udp --sport 65536:65537 -j ACCEPT
iptables -A FORWARD -p tcp -m multiport --dports 70000:70001 -j ACCEPT
iptables -A FORWARD -p tcp -m multiport --dports 70000 -j ACCEPT
iptables -S
iptables -A INPUT -m iprange --src-range 10.0.1.1-10.0.1.0 -j REJECT
iptables -A INPUT -m iprange --dst-range 10.0.1.1-10.0.1.0 -j REJECT
iptables -A INPUT -m iprange --dst-range 10.0.1.1-10.0.1.1 -j REJECT
iptables -S INPUT
iptables -L INPUT
iptables -F
iptables -X
iptables -t nat -F
iptables -t mangle -F
iptables -A FORWARD -g INPUT
iptables -A FORWARD -j INPUT
iptables -S
iptables -N C1
iptables -A C1 -j OUTPUT
iptables -I C1 -j OUTPUT
iptables -C C1 -j OUTPUT
iptables -D C1 -j OUTPUT
iptables -A C1 -j PREROUTING
iptables -t nat -A PREROUTING -j INPUT
iptables -R C1 1 -j NOPE
iptables -R C9 1 -j NOPE
iptables -R C9 1 -j C1
iptables -R C1 1 -j INPUT
iptables -A C1 -p tcp --sport 70000 -j ACCEPT
iptables -A C1 -p tcp --dport 9:3 -j ACCEPT
iptables -A C1 -p tcp --dport 4294967296 -j ACCEPT
iptables -A C1 -p tcp --dport 4294967295 -j ACCEPT
iptables -A C1 -p tcp --dport 99999999999999999999 -j ACCEPT
iptables -A C1 -p tcp --dport 0x50 -j ACCEPT
iptables -A C1 -p tcp --dport 010 -j ACCEPT
iptables -A C1 -p tcp --dport http:70 -j ACCEPT
iptables -A C1 -p tcp --dport -1 -j ACCEPT
iptables -A C1 -p tcp --dport 1:2:3 -j ACCEPT
iptables -A C1 -p sctp --dport 70000 -j ACCEPT
iptables -A C1 -p tcp --dport : -j ACCEPT
iptables -A C1 -p tcp ! --dport 9:3 -j ACCEPT
iptables -S C1
iptables -L C1 -n
iptables -D C1 -p tcp --dport 9:3 -j ACCEPT
iptables -D C1 -p tcp --dport 4464 -j ACCEPT
iptables -S C1
iptables -F
iptables -X
iptables -t nat -F
iptables -t mangle -F
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 70000-70000
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 70000
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 4095-42
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 5-70000
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 0
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 0-5
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports x
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 5-x
iptables -t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports http
iptables -t nat -A POSTROUTING -j MASQUERADE --to-ports 4
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 70000
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 70000-70000
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 5-3
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 0
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports http
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports http-70
iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports x
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:70000
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:5-3
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:0
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:http
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:x
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.3-10.0.0.1
iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.3-x
iptables -t nat -A POSTROUTING -p tcp -j SNAT --to-source 10.0.0.1:70000
iptables -t nat -A POSTROUTING -p tcp -j SNAT --to-source 10.0.0.1:9-7
iptables -t mangle -A POSTROUTING -j TTL --ttl-set 4095
iptables -t mangle -A POSTROUTING -j TTL --ttl-set 255
iptables -t mangle -A POSTROUTING -j TTL --ttl-set x
iptables -t mangle -A POSTROUTING -j TTL --ttl-inc 0
iptables -t mangle -A POSTROUTING -j TTL --ttl-dec 300
iptables -t mangle -A POSTROUTING -j TTL
iptables -t mangle -A POSTROUTING -j TTL --ttl-dec 3 --ttl-inc 3
ip6tables -t mangle -A POSTROUTING -j HL --hl-set 4095
ip6tables -t mangle -A POSTROUTING -j HL --hl-inc 0
iptables -A INPUT -m ttl --ttl-eq 300
iptables -A INPUT -m length --length 70000
iptables -A INPUT -m length --length 9:3
iptables -A INPUT -m mark --mark 4294967296
iptables -A INPUT -m mark --mark x
iptables -A INPUT -m mark --mark 1/x
iptables -t mangle -A INPUT -j MARK --set-mark 4294967296
iptables -t mangle -A INPUT -j MARK --set-mark x
iptables -A INPUT -m limit --limit 0/s
iptables -A INPUT -m limit --limit 99999/s
iptables -A INPUT -m limit --limit 10/s --limit-burst 0
iptables -A INPUT -m limit --limit x/s
iptables -A INPUT -j LOG --log-level 9
iptables -A INPUT -j LOG --log-level debug
iptables -A INPUT -j LOG --log-level x
iptables -A INPUT -j LOG --log-prefix "0123456789012345678901234567890"
iptables -A INPUT -j REJECT --reject-with nosuch
iptables -A INPUT -m statistic --mode nth --every 0
iptables -A INPUT -m statistic --mode nth --every 2 --packet 2
iptables -A INPUT -m statistic --mode random --probability 2
iptables -A INPUT -m multiport --dports 1,2,3
iptables -A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
iptables -A INPUT -p tcp -m multiport --dports 9:3
iptables -A INPUT -m pkttype --pkt-type x
iptables -A INPUT -m addrtype --dst-type X
iptables -A INPUT -m conntrack --ctstate X
iptables -A INPUT -m state --state X
iptables -t mangle -A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu
iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS --set-mss 70000
iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS
iptables -S
iptables -t nat -S
iptables -t mangle -S
iptables -L -n
iptables -t nat -L -n
iptables -F
iptables -X
iptables -t nat -F
iptables -t mangle -F
iptables -A INPUT -m addrtype --dst-type UN
iptables -A INPUT -m addrtype --dst-type m
iptables -A INPUT -m addrtype --dst-type LOCAL,B
iptables -A INPUT -m addrtype --dst-type LOCALS
iptables -A INPUT -m addrtype --dst-type ""
iptables -A INPUT -m statistic --mode nth --packet 0
iptables -A INPUT -m statistic --mode nth --every 3 --packet 0
iptables -A INPUT -m statistic --mode nth --every 3
iptables -A INPUT -p tcp -m multiport --dports :9
iptables -A INPUT -p tcp -m multiport --dports 9:
iptables -A INPUT -m limit --limit 1/s --limit-burst 5
iptables -A INPUT -m limit --limit 5/d --limit-burst 10000
iptables -A INPUT -m length --length :70000
iptables -A INPUT -m length --length 5:x
iptables -A INPUT -m length --length x
iptables -A INPUT -m length --length 3:
iptables -t mangle -A POSTROUTING -j TTL --ttl-set -1
iptables -t nat -A PREROUTING -p udp -j REDIRECT --to-ports 5-5
iptables -t nat -A PREROUTING -p icmp -j REDIRECT --to-ports 5-7
iptables -t nat -A PREROUTING -p udp -j REDIRECT --to-ports -7
iptables -t nat -A PREROUTING -p udp -j REDIRECT --to-ports 7-
iptables -t nat -A PREROUTING -p udp -j DNAT --to-destination 10.0.0.1:
iptables -t nat -A PREROUTING -p udp -j DNAT --to-destination :80
iptables -S
iptables -t nat -S
iptables -F
iptables -X
iptables -t nat -F
iptables -t mangle -F
iptables -t mangle -A POSTROUTING -j TTL --ttl-inc 3 --ttl-dec 3
iptables -t mangle -A POSTROUTING -j TTL --ttl-dec 3 --ttl-inc 3
iptables -t mangle -A POSTROUTING -j TTL --ttl-set 3 --ttl-inc 3
iptables -t mangle -A POSTROUTING -j TTL --ttl-inc 3 --ttl-set 3
iptables -t mangle -A POSTROUTING -j TTL --ttl-inc 3 --ttl-set 300
iptables -t mangle -A POSTROUTING -j TTL --ttl-inc 3 --ttl-dec 3 --ttl-set 3
