# what stands around: nsenter by pid, sudo-less habits, ss, hostname, ip monitor's absence of effect, unusual netns habits
ip netns add red; ip -n red link set lo up
ip netns exec red sleep 20 & P=$!; sleep 0.2
nsenter -t $P -n ip -br link
nsenter --target $P --net ip -br addr
nsenter -t 99999999 -n ip link
nsenter -t $P -n sh -c 'ip netns identify'
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set vb netns $P
nsenter -t $P -n ip -br link show vb | cut -c1-30
ip link set va up; nsenter -t $P -n ip link set vb up
ip addr add 10.0.0.1/24 dev va; nsenter -t $P -n ip addr add 10.0.0.2/24 dev vb
sleep 1
ping -c 1 10.0.0.2
ip netns pids red | wc -l
kill $P; wait 2>/dev/null
ip netns pids red
ss
ss -t
ss -tn
ss -tln
ss -uln
netstat -tln
netstat -an | head -3
hostname
hostname -I
ip netns exec red hostname -I
cat /proc/sys/net/ipv4/ip_forward
ls /var/run/netns
test -e /var/run/netns/red && echo yes
ip netns exec red env | grep -c PATH
ip netns exec red pwd | wc -l
ip netns exec red bash -c 'echo $0 $1' x y
ip netns exec red echo "a  b" c
ip netns exec red sh -c 'cat' < /dev/null
echo hello | ip netns exec red cat
ip netns exec red false || echo failed
ip netns exec red ip addr | grep -c inet
for i in 1 2; do ip -n red addr add 10.9.0.$i/32 dev lo; done; ip -n red -4 -o addr show lo | awk '{print $4}'
ip -n red route add 10.5.0.0/16 via 10.0.0.1 && echo ok
ip -j -n red route | tr ',' '\n' | grep dst
ip -n red link show | grep -c '^[0-9]'
ip -n red link set vb name eth0 && ip -n red -br link show eth0 | cut -c1-20
ip link show va | sed -n 1p
ip netns del red && ip netns
sleep 1
ip link show va
