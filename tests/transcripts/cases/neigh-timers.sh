# the life of a neighbour: reachable, stale, delay, probe, failed, by the clock
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
sysctl -q -w net.ipv6.conf.va.disable_ipv6=1
ip netns exec peer sysctl -q -w net.ipv6.conf.vb.disable_ipv6=1
sysctl net.ipv4.neigh.va.base_reachable_time_ms net.ipv4.neigh.va.delay_first_probe_time net.ipv4.neigh.va.gc_stale_time net.ipv4.neigh.va.retrans_time_ms net.ipv4.neigh.va.ucast_solicit net.ipv4.neigh.va.mcast_solicit net.ipv4.neigh.va.app_solicit net.ipv4.neigh.va.unres_qlen
ip link set va up
ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va
ip -n peer addr add 10.0.0.2/24 dev vb
sysctl -w net.ipv4.neigh.va.base_reachable_time_ms=12000
sleep 1
tcpdump -i va -U -w arp.pcap >/dev/null 2>&1 & sleep 1
ping -c 1 10.0.0.2
ip neigh
ip -n peer neigh
sleep 4
ip neigh
ip -n peer neigh
sleep 3
ip -n peer neigh
sleep 13
ip neigh
ping -c 1 10.0.0.2
ip neigh
sleep 3
ip neigh
sleep 3.5
ip neigh
sleep 20
ip neigh
ip -n peer addr flush dev vb
ip neigh
ping -c 1 -W 1 10.0.0.2
ip neigh
sleep 5.5
ip neigh
sleep 3
ip neigh
ping -c 3 -W 2 10.0.0.2
ip neigh
ping -c 1 -W 1 -w 1 10.0.0.44
ip neigh show 10.0.0.44
ip neigh show nud incomplete
sleep 3
ip neigh show nud failed
kill %1; wait 2>/dev/null
tcpdump -enr arp.pcap arp 2>/dev/null | cut -d' ' -f2-
