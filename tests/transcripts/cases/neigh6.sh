# IPv6 neighbours: states, router flag, failures, proxy, by hand
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up; ip -n peer link set vb up
ip addr add fd00::1/64 dev va nodad
ip -n peer addr add fd00::2/64 dev vb nodad
sleep 3
tcpdump -i va -U -w c.pcap icmp6 >/dev/null 2>&1 & sleep 1
ip -6 neigh show dev va | grep fd00
ping -c 1 fd00::2
ip neigh show fd00::2
ip -n peer neigh show fd00::1
sleep 6
ip -n peer neigh show fd00::1
ping -c 1 -W 1 fd00::77
ip neigh show fd00::77
sleep 3
ip neigh show fd00::77
ping -c 2 -W 1 fd00::77
ping -c 4 fd00::78 | sed 's/time [0-9]*ms/time #/'
ip neigh add fd00::50 lladdr 02:00:00:00:00:50 dev va
ip neigh add fd00::50 lladdr 02:00:00:00:00:50 dev va
ip neigh replace fd00::50 lladdr 02:00:00:00:00:51 dev va nud stale
ip neigh show fd00::50
ip neigh del fd00::50 dev va
ip neigh del fd00::50 dev va
ip neigh show fd00::50
ip -n peer link set vb address 02:00:00:00:00:22
ip neigh show fd00::2
ping -c 1 -W 1 fd00::2
ip -n peer neigh show fd00::1
ip netns exec peer sysctl -w net.ipv6.conf.all.forwarding=1
ip neigh flush dev va
ping -c 1 fd00::2
ip neigh show fd00::2
ip netns exec peer sysctl -w net.ipv6.conf.vb.proxy_ndp=1
ip -n peer neigh add proxy fd00::99 dev vb
ip -n peer -6 neigh show proxy
ping -c 1 -W 2 fd00::99
ip neigh show fd00::99
kill %1; wait 2>/dev/null
tcpdump -enr c.pcap 2>/dev/null | cut -d' ' -f2- | grep -v -e fe80 -e ff02::16
ip -6 neigh flush dev va
ip -6 neigh show dev va
ip -6 -s neigh flush all
sysctl net.ipv6.neigh.va.base_reachable_time_ms net.ipv6.neigh.va.retrans_time_ms net.ipv6.neigh.va.delay_first_probe_time
