iptables -L -v -x
printf '*filter\n:INPUT DROP [5:100]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:FOO - [0:0]\n[3:30] -A INPUT -s 10.0.0.1 -j FOO\n-A FOO -p tcp --dport 80 -j ACCEPT\nCOMMIT\n' > r1; iptables-restore < r1; iptables-save -c | grep -v "^#"
iptables-restore -c r1; iptables-save -c | grep -v '^#'
iptables-save | iptables-restore; iptables-save | grep -v '^#'
printf '*filter\n-A INPUT -j NOPE\nCOMMIT\n' | iptables-restore
printf '*filter\n-A NOPE -j ACCEPT\nCOMMIT\n' | iptables-restore
printf '*filter\n-A INPUT --nope\nCOMMIT\n' | iptables-restore
printf '*nope\n-A INPUT\nCOMMIT\n' | iptables-restore
printf '*filter\n-A INPUT\n' | iptables-restore
printf '*filter\nfoo\nCOMMIT\n' | iptables-restore
printf -- '-A INPUT\n' | iptables-restore
printf '*filter\n:INPUT FOO [0:0]\nCOMMIT\n' | iptables-restore
printf '*filter\n:INPUT\nCOMMIT\n' | iptables-restore
printf '*filter\n:FOO -\n-A FOO -m comment --comment "a b" -j DROP\nCOMMIT\n*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n' | iptables-restore -n; iptables-save | grep -v '^#'
printf '*filter\nCOMMIT\n' | iptables-restore; iptables-save | grep -v '^#'
iptables-restore -t < r1; echo $?; iptables-save | grep -c FOO
iptables-restore nosuchfile
iptables-restore -T nat < r1
iptables-restore --nope
iptables-save --nope
iptables-save -t nope
iptables-save foo
iptables-save -f out; cat out | grep -v '^#'
iptables -F; iptables -I INPUT -s 1.1.1.1,2.2.2.2,3.3.3.3 -j ACCEPT; iptables -S INPUT
iptables -v -A INPUT -p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT
iptables -v -I INPUT -p tcp -j DROP
iptables -v -D INPUT -p tcp -j DROP
iptables -v -C INPUT -s 1.1.1.1 -j ACCEPT
iptables -v -N FOO
iptables -v -F
iptables -v -F FOO
iptables -v -X FOO
iptables -v -X
iptables -v -Z
iptables -v -P INPUT ACCEPT
iptables -n -A INPUT -j ACCEPT
iptables -F -s 1.1.1.1
iptables -L -s 1.1.1.1
iptables -P INPUT ACCEPT -s 1.1.1.1
iptables -v -S
iptables -S -Z
for l in emerg alert crit err error warning warn notice info debug 0 1 2 3 5 6; do iptables -A OUTPUT -j LOG --log-level $l; done; iptables -S OUTPUT; iptables -L OUTPUT; iptables -L OUTPUT -n
iptables -A OUTPUT -m statistic --mode random --probability 0.5; iptables -A OUTPUT -m statistic --mode nth --every 3 --packet 1; iptables -A OUTPUT -m length --length 100; iptables -A OUTPUT -m length ! --length 100:; iptables -A OUTPUT -m ttl --ttl-eq 5; iptables -A OUTPUT -m ttl ! --ttl-eq 5;iptables -A OUTPUT -m ttl --ttl-gt 5;iptables -A OUTPUT -m pkttype ! --pkt-type multicast; iptables -A OUTPUT -m iprange --src-range 1.1.1.1-2.2.2.2 ! --dst-range 3.3.3.3; iptables -A OUTPUT -m tos --tos 0x10 -m dscp ! --dscp 5; iptables -A OUTPUT -m state ! --state NEW ; iptables -A OUTPUT -m connmark ! --mark 1; iptables -A OUTPUT -p tcp -j TCPMSS --set-mss 1400; iptables -A OUTPUT -p udp -m udp ! --sport 1:5; iptables -A OUTPUT -m multiport -p tcp ! --ports 1,2; iptables -A OUTPUT -p tcp ! --tcp-option 7; iptables -A OUTPUT -m conntrack ! --ctorigsrc 10.0.0.0/8 --ctorigsrcport 1:5 --ctexpire 10:20 --ctstatus NONE; iptables -A OUTPUT -m addrtype ! --dst-type LOCAL,BROADCAST -g FOO; iptables -N FOO; iptables -A OUTPUT -p tcp -d 127.0.0.1 -s 127.0.0.0/8 -g FOO; iptables -S OUTPUT | tail -19; iptables -L OUTPUT | tail -19; iptables -L OUTPUT -n -v| tail -19
for t in net-unreachable destination-unreachable network-unreachable redirect time-exceeded ping pong address-mask-request 30 3/9 8/0 ttl-zero; do iptables -A FOO -p icmp --icmp-type $t; done; iptables -S FOO; iptables -L FOO; iptables -L FOO -n
