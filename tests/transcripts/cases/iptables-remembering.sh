# the matches owner, connlimit and recent: their words, their lists, and what they let pass
ip link set lo up
iptables -A OUTPUT -m owner --uid-owner 0 -j ACCEPT
iptables -A OUTPUT -m owner ! --uid-owner root -j ACCEPT
iptables -A OUTPUT -m owner --gid-owner 0 -j ACCEPT
iptables -A OUTPUT -m owner --uid-owner 100-200 --gid-owner 70000 -j ACCEPT
iptables -A OUTPUT -m owner --socket-exists -j ACCEPT
iptables -A OUTPUT -m owner ! --socket-exists -j ACCEPT
iptables -A OUTPUT -m owner -j ACCEPT
iptables -A OUTPUT -m owner --uid-owner nosuch -j ACCEPT
iptables -A INPUT -m owner --uid-owner 0 -j ACCEPT
iptables -A FORWARD -p tcp --dport 22 -m connlimit --connlimit-above 3 -j REJECT
iptables -A FORWARD -p tcp -m connlimit --connlimit-upto 2 --connlimit-mask 24 --connlimit-daddr -j ACCEPT
iptables -A FORWARD -p tcp -m connlimit ! --connlimit-above 2 -j ACCEPT
iptables -A FORWARD -m connlimit -j ACCEPT
iptables -A FORWARD -m connlimit --connlimit-above 2 --connlimit-mask 0 -j ACCEPT
iptables -A FORWARD -m connlimit --connlimit-above 2 --connlimit-mask 40 -j ACCEPT
iptables -A FORWARD -m recent --name bad --update --seconds 60 -j DROP
iptables -A FORWARD -m recent --name bad --set
iptables -A FORWARD -m recent --rcheck --hitcount 3 --seconds 5 --rdest -j DROP
iptables -A FORWARD -m recent --name bad --remove --mask 255.255.255.0
iptables -A FORWARD -m recent ! --rcheck --rttl -j DROP
iptables -A FORWARD -m recent --rcheck --seconds 60 --reap -j DROP
iptables -A FORWARD -m recent --rcheck --reap -j DROP
iptables -A FORWARD -m recent --name x -j DROP
iptables -A FORWARD -m recent --rcheck --seconds 0 -j DROP
iptables -A FORWARD -m recent --set --seconds 6 -j DROP
iptables -A FORWARD -m recent --set --rcheck -j DROP
iptables -A FORWARD -m recent --set ! --name x -j DROP
iptables -S
iptables -L -n
iptables -L OUTPUT
iptables -D FORWARD -m recent --set --name bad --mask 255.255.255.255 --rsource
iptables -C FORWARD -m connlimit --connlimit-above 2 --connlimit-mask 32
ping -c 2 -i 0.2 -W 1 127.0.0.1 | grep received
iptables -L OUTPUT -v -n
iptables -F
iptables -A INPUT -p icmp --icmp-type 8 -m recent --name p --rcheck --hitcount 2 -j DROP
iptables -A INPUT -p icmp --icmp-type 8 -m recent --name p --set
ping -c 4 -i 0.2 -W 1 127.0.0.1 | grep received
iptables -L INPUT -v -n
iptables -F
iptables -A INPUT -p icmp --icmp-type 8 -m recent --name p --rcheck
iptables -A INPUT -p icmp -m connlimit --connlimit-above 2 -j DROP
ping -c 1 -W 1 127.0.0.1 | grep received
ping -c 2 -i 0.2 -W 1 127.0.0.1 | grep received
ping -c 1 -W 1 127.0.0.1 | grep received
iptables -L INPUT -v -n
