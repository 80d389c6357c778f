ip netns add a
ip netns add b
ip link add va netns a type veth peer name vb netns b
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip -n a link set lo up
sleep 2
ip netns exec a nc -v 10.0.0.2 80 < /dev/null; echo "status $?"
ip netns exec a nc 10.0.0.2 80 < /dev/null; echo "status $?"
ip netns exec a nc -vn 10.0.0.2 80 < /dev/null; echo "status $?"
ip netns exec a nc -zv 10.0.0.2 80; echo "status $?"
ip netns exec a nc -zvn 10.0.0.2 78-82; echo "status $?"
ip netns exec a nc -zvvn 10.0.0.2 79-80; echo "status $?"
ip netns exec a nc -zn 10.0.0.2 80; echo "status $?"
ip netns exec a nc -vn -w 2 10.9.9.9 80 < /dev/null; echo "status $?"
ip netns exec a nc -vn -w 2 10.0.0.77 80 < /dev/null; echo "status $?"
ip netns exec a nc -vn -w 10 10.0.0.77 80 < /dev/null; echo "status $?"
ip netns exec b timeout 5 nc -l -p 80 &
sleep 0.5
ip netns exec a nc -zvn 10.0.0.2 78-82; echo "status $?"
wait
ip netns exec b timeout 5 nc -l -p 80 &
sleep 0.5
ip netns exec a timeout 3 nc -vn 10.0.0.2 80 </dev/null; echo "status $?"
wait
ip netns exec b ip link set vb down
ip netns exec a nc -vn -w 1 10.0.0.2 80 < /dev/null; echo "status $?"
ip -n b link set vb up
sleep 1
ip netns exec a curl -sS http://10.0.0.2:8080/; echo "status $?"
ip netns exec a curl -v http://10.0.0.2:8080/; echo "status $?"
ip netns exec a curl -sS http://10.9.9.9:8080/; echo "status $?"
ip netns exec a curl -sS http://nosuch.invalid/; echo "status $?"
ip netns exec a curl; echo "status $?"
ip netns exec a curl -sS foo://10.0.0.2:8000/; echo "status $?"
ip netns exec a curl -sS -6 http://10.0.0.2:8000/; echo "status $?"
ip netns exec a wget -q -O - http://10.0.0.2:8080/; echo "status $?"
ip netns exec a wget -O - http://10.0.0.2:8080/ 2>&1 | sed -E 's/--[0-9]{4}.*--/--T--/'
ip netns exec a wget -T 1 -t 1 -O - http://10.0.0.99/ 2>&1 | sed -E 's/--[0-9]{4}.*--/--T--/'
ip -n a route add unreachable 10.8.0.0/24
ip -n a route add prohibit 10.7.0.0/24
ip -n a route add blackhole 10.6.0.0/24
ip netns exec a timeout 8 nc -vn 10.8.0.1 80 < /dev/null; echo "status $?"
ip netns exec a timeout 8 nc -vn 10.7.0.1 80 < /dev/null; echo "status $?"
ip netns exec a timeout 8 nc -vn 10.6.0.1 80 < /dev/null; echo "status $?"
ip netns exec a curl -sS http://10.8.0.1/; echo "status $?"
ip netns exec a nc -h; echo "status $?"
ip netns exec a nc; echo "status $?"
ip netns exec a nc 10.0.0.2; echo "status $?"
ip netns exec a nc nosuchhost.invalid 80; echo "status $?"
ip netns exec a nc -v 10.0.0.2 nosuch; echo "status $?"
ip netns exec a nc -vz 10.0.0.2 http </dev/null; echo "status $?"
ip netns exec a nc -n example.com 80; echo "status $?"
ip netns exec a nc -s 10.0.0.9 10.0.0.2 80; echo "status $?"
ip netns exec a nc -vn -s 10.0.0.1 -p 5000 10.0.0.2 80 </dev/null; echo "status $?"
ip netns exec a nc -w 0 10.0.0.2 80; echo "status $?"
