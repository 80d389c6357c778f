# spanning tree: three bridges in a triangle, election, blocked port, failover
for i in 1 2 3; do ip netns add s$i; ip -n s$i link add br0 address 02:00:00:00:00:f$i type bridge stp_state 1 forward_delay 200 hello_time 100 max_age 600; done
ip link add a12 netns s1 address 02:00:00:00:01:12 type veth peer name a21 netns s2 address 02:00:00:00:01:21
ip link add a23 netns s2 address 02:00:00:00:01:23 type veth peer name a32 netns s3 address 02:00:00:00:01:32
ip link add a13 netns s1 address 02:00:00:00:01:13 type veth peer name a31 netns s3 address 02:00:00:00:01:31
for p in s1:a12 s1:a13 s2:a21 s2:a23 s3:a31 s3:a32; do ip -n ${p%:*} link set ${p#*:} master br0 up; done
for i in 1 2 3; do ip -n s$i addr add 10.0.0.$i/24 dev br0; done
for i in 1 2 3; do ip -n s$i link set br0 up; done
for i in 1 2 3; do bridge -n s$i link; done
ip -n s1 link show br0
sleep 1
bridge -n s1 link
sleep 2
bridge -n s1 link
sleep 9
for i in 1 2 3; do bridge -n s$i link; done
for i in 1 2 3; do ip netns exec s$i brctl showstp br0 | grep -v timer; done
ip netns exec s1 brctl show
ip netns exec s3 ping -c 1 10.0.0.2
ip netns exec s2 ping -c 1 10.0.0.1
ip netns exec s3 tcpdump -i a32 -U -w stp.pcap stp >/dev/null 2>&1 & sleep 4; kill $!; wait 2>/dev/null
tcpdump -nr stp.pcap 2>/dev/null | cut -d' ' -f2- | uniq
tcpdump -ner stp.pcap 2>/dev/null | cut -d' ' -f2- | uniq
tcpdump -vnr stp.pcap 2>/dev/null | head -3 | cut -d' ' -f2-
ip netns exec s3 brctl setbridgeprio br0 4096
sleep 9
for i in 1 2 3; do bridge -n s$i link; done
ip netns exec s3 brctl showstp br0 | grep -v timer | head -8
ip netns exec s1 brctl setpathcost br0 a13 100
sleep 9
for i in 1 2 3; do bridge -n s$i link; done
ip -n s3 link set a32 down
sleep 9
for i in 1 2 3; do bridge -n s$i link; done
ip netns exec s3 ping -c 1 10.0.0.2
ip netns exec s2 ip -d link show br0 | grep -o 'bridge_id.*topology_change_detected [01]'
ip -n s3 link del br0
sleep 9
for i in 1 2; do ip netns exec s$i brctl showstp br0 | grep -v timer | head -8; done
ip netns exec s2 ping -c 1 10.0.0.1
