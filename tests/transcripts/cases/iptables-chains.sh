iptables -P INPUT DROP; iptables -X INPUT
iptables -A INPUT -j ACCEPT; iptables -X INPUT
iptables -F INPUT; iptables -X INPUT
iptables -P INPUT ACCEPT; iptables -X INPUT
iptables -X INPUT
iptables -P FORWARD DROP; iptables -X
iptables -P FORWARD ACCEPT; iptables -X
iptables -N U; iptables -X
iptables -N U; iptables -A FORWARD -j U; iptables -X
iptables -F; iptables -X
iptables -D INPUT 1
iptables -R INPUT 1 -j ACCEPT
iptables -I INPUT 2 -j ACCEPT
iptables -D OUTPUT -j ACCEPT
iptables -C OUTPUT -j ACCEPT
iptables -D OUTPUT 1; iptables -Z OUTPUT; iptables -Z OUTPUT 1; iptables -F OUTPUT
iptables -N OUTPUT
iptables -S OUTPUT; iptables -L OUTPUT; iptables -L OUTPUT 1; iptables -S OUTPUT 1
iptables -A INPUT -p icmp; iptables -F
iptables-restore <<< $'*filter\n:INPUT ACCEPT [0:0]\nCOMMIT'
iptables-restore -n <<< $'*filter\n-A OUTPUT -j ACCEPT\nCOMMIT'
iptables-restore <<< $'*filter\n-A OUTPUT -j ACCEPT\nCOMMIT'
iptables-restore <<< $'*filter\n:X - [0:0]\n:FORWARD - [0:0]\nCOMMIT'
iptables-save -t mangle > /dev/null
iptables -L -n -Z
iptables -L INPUT -n -Z
iptables -t mangle -Z; iptables -t mangle -Z INPUT
iptables -t nat -A POSTROUTING -j MASQUERADE; iptables -t nat -D POSTROUTING 1; iptables -t nat -X; iptables -t nat -D POSTROUTING 1
