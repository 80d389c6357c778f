# a router on a stick: redirects, secure and shared media, martians, source routes back
for n in h r g; do ip netns add $n; ip -n $n link set lo up; ip netns exec $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1; done
ip link add br0 address 02:00:00:00:00:f0 type bridge; ip link set br0 up
i=0; for n in h r g; do i=$((i+1)); ip link add v$n address 02:00:00:00:01:0$i type veth peer name e0 netns $n address 02:00:00:00:00:0$i; ip link set v$n master br0 up; ip -n $n link set e0 up; ip -n $n addr add 10.0.0.$i/24 dev e0; done
ip -n g addr add 10.9.0.1/24 dev lo
ip -n h route add default via 10.0.0.2
ip -n r route add 10.9.0.0/24 via 10.0.0.3
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
sleep 2
ip netns exec h ping -c 2 10.9.0.1
ip -n h route get 10.9.0.1
ip -n h route show cache
ip netns exec r sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.e0.send_redirects=0
ip netns exec h ping -c 2 10.9.0.1
ip netns exec r sysctl -qw net.ipv4.conf.all.send_redirects=1
ip netns exec h sysctl -qw net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.e0.accept_redirects=0
ip -n h route flush cache
ip netns exec h ping -c 1 10.9.0.1
ip -n h route get 10.9.0.1
ip netns exec h traceroute -n -q 1 -w 1 10.9.0.1
ip -n h addr add 10.77.0.1/24 dev lo
ip netns exec h ping -c 1 -W 1 -I 10.77.0.1 10.0.0.3
ip -n g route add 10.77.0.0/24 via 10.0.0.2
ip netns exec h ping -c 1 -W 1 -I 10.77.0.1 10.0.0.3
ip -n r route add 10.77.0.0/24 via 10.0.0.1
ip netns exec h ping -c 1 -W 1 -I 10.77.0.1 10.0.0.3
ip netns exec g sysctl -w net.ipv4.conf.e0.rp_filter=1
ip -n g route del 10.77.0.0/24
ip netns exec h ping -c 1 -W 1 -I 10.77.0.1 10.0.0.3
ip -n g route add blackhole 10.77.0.0/24
ip netns exec h ping -c 1 -W 1 -I 10.77.0.1 10.0.0.3
ip netns exec g sysctl -w net.ipv4.conf.e0.rp_filter=0
ip netns exec h ping -c 1 -W 1 -I 10.77.0.1 10.0.0.3
ip netns exec h ping -c 1 -W 1 127.0.0.5
ip netns exec h ping -c 1 -W 1 -I 127.0.0.1 10.0.0.3
ip netns exec h ping -c 1 -W 1 -I e0 127.0.0.1
ip netns exec h ping -c 1 -W 1 -I lo 10.0.0.3
ip netns exec h ping -c 1 -W 1 0.0.0.0
ip netns exec h ping -c 1 -W 1 240.0.0.1
ip netns exec h ping -c 1 -W 1 255.255.255.255
ip netns exec h ping -c 1 -W 1 169.254.1.1
ip -n h neigh | sort
ip -n r neigh | sort
ip -n r route get 10.9.0.1 from 10.0.0.1 iif e0
ip -n r route get 10.9.0.1 from 10.0.0.2 iif e0
ip -n r route get 10.9.0.1 from 10.55.0.1 iif e0
ip -n r route get 10.0.0.255 from 10.0.0.1 iif e0
ip -n r route get 127.0.0.1 from 10.0.0.1 iif e0
ip -n r route get 224.0.0.1 from 10.0.0.1 iif e0
ip -n r route get 10.9.0.1 from 224.0.0.1 iif e0
ip -n r route get 10.9.0.1 from 255.255.255.255 iif e0
