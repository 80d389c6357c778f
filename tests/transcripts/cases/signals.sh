# programs that are stopped, timed out, killed, run in the background
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up; ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va; ip -n peer addr add 10.0.0.2/24 dev vb
sleep 1
timeout -s INT 2.5 ping 10.0.0.2 | sed 's/time [0-9]*ms/time #/'
timeout 1.5 ping 10.0.0.2
timeout -s INT 1.5 ping 10.0.0.77 | sed 's/time [0-9]*ms/time #/'
ping 10.0.0.2 > out & P=$!; sleep 1.5; kill -INT $P; wait $P; echo "status $?"
sed 's/time [0-9]*ms/time #/' out
ping 10.0.0.2 > out & P=$!; sleep 0.5; kill $P; wait $P; echo "status $?"
cat out
ping 10.0.0.77 > out & P=$!; sleep 4.5; kill -INT $P; wait $P; echo "status $?"
sed 's/time [0-9]*ms/time #/' out
ping -i 0.5 10.0.0.2 > out 2>/dev/null & P=$!; sleep 1.2; kill -QUIT $P; sleep 0.5; kill -INT $P; wait $P; echo "status $?"
sed 's/time [0-9]*ms/time #/; s/min.*ms$/rtts/' out
tcpdump -i va -n -l icmp > cap 2> err & P=$!; sleep 1; ping -c 1 10.0.0.2 > /dev/null; sleep 1; kill -INT $P; wait $P; echo "status $?"
cut -d' ' -f2- cap
cat err
tcpdump -i va -n -l icmp > cap 2> err & P=$!; sleep 1; ping -c 1 10.0.0.2 > /dev/null; sleep 1; kill $P; wait $P; echo "status $?"
cut -d' ' -f2- cap
cat err
tcpdump -i va -w x.pcap 2> err & P=$!; sleep 1; ping -c 1 10.0.0.2 > /dev/null; sleep 1; kill $P; wait $P; echo "status $?"
cat err
tcpdump -nr x.pcap icmp 2>/dev/null | cut -d' ' -f2-
tcpdump -i va -n -c 1 arp > cap 2> err & P=$!; sleep 1; arping -c 1 -I va 10.0.0.2 > /dev/null; wait $P; echo "status $?"
cut -d' ' -f2- cap
timeout 3 tcpdump -i va -c 1 -n udp
arping -I va 10.0.0.2 > out & P=$!; sleep 2.5; kill -INT $P; wait $P; echo "status $?"
cat out
traceroute -n 10.0.0.77 > out & P=$!; sleep 1; kill $P; wait $P; echo "status $?"
cat out
sleep 10 & P=$!; kill $P; wait $P; echo "status $?"
ping -c 3 10.0.0.2 > o1 & ping -c 3 -i 0.5 10.0.0.2 > o2 & wait; grep -c ttl o1 o2
ping -c 2 10.0.0.2 > o1 & ip netns exec peer ping -c 2 10.0.0.1 > o2 & wait; tail -2 o1 o2 | grep transmitted | sed 's/time [0-9]*ms/time #/'
(sleep 1.5; ip link set va down) & ping -c 3 -W 1 10.0.0.2 | sed 's/time [0-9]*ms/time #/'; wait
ip link set va up
(sleep 1.5; ip addr del 10.0.0.1/24 dev va) & ping -c 3 -W 1 10.0.0.2 | sed 's/time [0-9]*ms/time #/'; wait
ip netns exec peer sleep 100 & P=$!; sleep 0.3; ip netns pids peer | wc -l; kill $P; wait $P; echo "status $?"
ip netns exec peer bash -c 'ping -c 2 127.0.0.1; ip link set lo up; ping -c 1 127.0.0.1' | grep -e ttl -e connect
