# what leaves on the underlay: ttl, tos, df, checksums, ports
for h in h1 h2; do ip netns add $h; ip -n $h link set lo up; done
ip link add u0 netns h1 address 02:00:00:00:aa:01 type veth peer name u0 netns h2 address 02:00:00:00:aa:02
i=0; for h in h1 h2; do i=$((i+1)); ip -n $h addr add 192.168.0.$i/24 dev u0; ip -n $h link set u0 up; for v in 1 2 3 4 5; do case $v in 1) o="";; 2) o="ttl 9 tos 0x10 df set";; 3) o="ttl inherit tos inherit df inherit";; 4) o="noudpcsum srcport 5000 5001";; 5) o="dstport 8472";; esac; case $v in 5) ;; *) o="$o dstport 4789";; esac; ip -n $h link add vx$v address 02:00:00:00:d$v:0$i type vxlan id 10$v local 192.168.0.$i remote 192.168.0.$((3-i)) $o; ip netns exec $h sysctl -qw net.ipv6.conf.vx$v.disable_ipv6=1; ip -n $h link set vx$v up; ip -n $h addr add 10.$v.0.$i/24 dev vx$v; ip -n $h neigh add 10.$v.0.$((3-i)) lladdr 02:00:00:00:d$v:0$((3-i)) dev vx$v; done; done
sleep 4
ip netns exec h2 tcpdump -nnt -i u0 -U -w o.pcap 'udp and not ip6' >/dev/null 2>&1 & sleep 1
for v in 1 2 3 4 5; do ip netns exec h1 ping -c 1 -t 33 -Q 0xb9 10.$v.0.2; done
ip netns exec h1 ping -c 1 -M dont -t 33 10.3.0.2
ip netns exec h1 ping -c 1 -M do 10.3.0.2
sleep 1; kill $!; wait 2>/dev/null
tcpdump -nntvr o.pcap 2>/dev/null | sed 's/192.168.0.\([12]\)\.[0-9]* >/192.168.0.\1.P >/;s/id [0-9]*, off/id N, off/' | grep -v -A1 IP6
tcpdump -enntr o.pcap 2>/dev/null | grep 192.168 | grep -v IP6 | sed 's/192.168.0.\([12]\)\.[0-9]* >/192.168.0.\1.P >/' | head -4
ip netns exec h1 ping -c 3 -i 0.2 10.1.0.2 | tail -3 | head -2
ip netns exec h1 ping -c 1 -b -W 1 10.1.0.255
bridge -n h2 fdb show dev vx1
bridge -n h2 fdb show dev vx5
bridge -s -n h2 fdb show dev vx1 | sed 's/used [0-9]*\/[0-9]*/used N/'
ip -n h1 -s link show vx1
ip -n h2 -s link show vx4
