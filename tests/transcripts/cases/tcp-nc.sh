ip netns add a
ip netns add b
ip link add va netns a type veth peer name vb netns b
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip -n a link set lo up
sleep 2
ip netns exec b timeout 4 nc -v -n -l -p 80 > got 2> err < /dev/null &
sleep 0.5
echo hi | ip netns exec a timeout 2 nc -v -n 10.0.0.2 80; echo "status $?"
wait
cat got
sed -E 's/ [0-9]+$/ P/' err
ip netns exec b timeout 4 nc -v -l -p 80 > got 2> err < /dev/null &
sleep 0.5
echo hi | ip netns exec a timeout 2 nc -v 10.0.0.2 80; echo "status $?"
wait
cat got
sed -E 's/ [0-9]+$/ P/' err
(echo one; sleep 1; echo two) | ip netns exec b timeout 6 nc -l -p 80 > got &
sleep 0.5
ip netns exec a timeout 4 nc 10.0.0.2 80 < /dev/null; echo "status $?"
wait
echo reply | ip netns exec b timeout 6 nc -l -p 80 > got &
sleep 0.5
echo hi | timeout 5 ip netns exec a nc 10.0.0.2 80; echo "status $?"
wait; cat got
ip netns exec b timeout 6 nc -u -l -p 53 > got &
sleep 0.5
ip netns exec b ss -uan
echo hi | ip netns exec a nc -u -w 1 10.0.0.2 53; echo "status $?"
sleep 0.5
ip netns exec b ss -uan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
cat got
kill %1; wait
echo hi | ip netns exec a nc -u -w 1 10.0.0.2 54; echo "status $?"
echo hi | ip netns exec a nc -uvn -w 1 10.0.0.2 54; echo "status $?"
ip netns exec a nc -zuvn -w 1 10.0.0.2 54; echo "status $?"
ip netns exec b timeout 8 nc -l -p 80 > got &
sleep 0.5
ip netns exec b timeout 2 nc -l -p 80; echo "status $?"
(echo x; sleep 3) | ip netns exec a timeout 6 nc 10.0.0.2 80 &
sleep 1
ip netns exec a ss -tan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b ss -tan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tn | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tno | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -s
ip netns exec a ss -n | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -t | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b ss -at | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b netstat -tan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b netstat -ant4 | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b ss -tanp | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tin | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tan state established | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tan dst 10.0.0.2 | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tan 'dport = :80' | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec a ss -tan sport = :80 | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
wait
ip netns exec a ss -tan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b ss -tan | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
ip netns exec b netstat -an | sed -E 's/10.0.0.1:[0-9]+/10.0.0.1:P/'
