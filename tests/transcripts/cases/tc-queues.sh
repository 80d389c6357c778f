# Plain queues and token buckets on a veth pair (Linux 6.18).
ip netns add a
ip link add v0 type veth peer name v1
ip link set v1 netns a up
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip netns exec a ip addr add 10.0.0.2/24 dev v1
sleep 3
tc qdisc show
tc qdisc show dev v0
tc qdisc del dev v0 root
tc qdisc add dev v0 root handle 1: pfifo
tc qdisc show dev v0
ip link show v0 | head -1
tc -j qdisc show dev v0
tc qdisc add dev v0 root handle 1: pfifo
tc qdisc add dev v0 root handle 2: pfifo
tc qdisc change dev v0 root handle 1: pfifo limit 10
tc qdisc show dev v0
ping -c 2 -i 0.2 10.0.0.2 | tail -3 | head -1
tc -s qdisc show dev v0 | head -1
tc qdisc change dev v0 root handle 1: bfifo
tc qdisc replace dev v0 root handle 2: bfifo
tc qdisc show dev v0
tc qdisc replace dev v0 root handle 2: bfifo limit 10k
tc qdisc show dev v0
tc qdisc show
tc qdisc del dev v0 root handle 7:
tc qdisc del dev v0 root tbf
tc qdisc del dev v0 handle 2:
tc qdisc del dev v0 handle 3:
tc qdisc del dev v0 parent 3:1
tc qdisc del dev v0 root
tc qdisc show dev v0
tc qdisc add dev v0 root handle 3: tbf rate 1mbit burst 32kbit latency 400ms
tc qdisc show dev v0
tc -d qdisc show dev v0
tc -j qdisc show dev v0
tc -p -j qdisc show dev v0
tc -o qdisc show dev v0
tc qdisc replace dev v0 root handle 3: tbf rate 1mbit burst 32kbit limit 3000
tc qdisc show dev v0
tc qdisc replace dev v0 root handle 3: tbf rate 256kbit burst 1600 latency 50ms
tc qdisc show dev v0
tc qdisc replace dev v0 root handle 3: tbf rate 1.5gbit burst 1mb limit 5mb
tc qdisc show dev v0
tc qdisc replace dev v0 root handle 3: tbf rate 100kbps burst 5k latency 70ms peakrate 200kbps minburst 1540
tc qdisc show dev v0
tc -d qdisc show dev v0
tc qdisc replace dev v0 root handle 3: tbf rate 1mbit burst 10k limit 10k overhead 8
tc qdisc show dev v0
tc qdisc add dev v0 parent 3:1 handle 30: pfifo limit 5
tc qdisc show dev v0
tc qdisc show dev v0 root
tc qdisc show dev v0 parent 3:1
tc qdisc show dev v0 handle 30:
tc qdisc add dev v0 parent 3:1 handle 30: pfifo limit 5
tc qdisc add dev v0 parent 4:1 handle 40: pfifo
tc qdisc add dev v0 parent 30:1 handle 40: pfifo
tc qdisc replace dev v0 parent 3:1 handle 30: bfifo limit 5000
tc qdisc replace dev v0 parent 3:1 handle 31: bfifo limit 5000
tc qdisc show dev v0
tc qdisc del dev v0 parent 3:1
tc qdisc show dev v0
tc qdisc del dev v0 root
tc qdisc add dev v0 root handle 4: pfifo_fast
tc qdisc show dev v0
tc qdisc replace dev v0 root handle 5: noqueue
tc qdisc show dev v0
ip link show v0 | head -1
tc qdisc del dev v0 root
tc qdisc change dev v0 root handle 1: pfifo
tc qdisc add dev v0 root
tc qdisc add dev v0
tc qdisc add root pfifo
tc qdisc add dev v0 pfifo
tc qdisc add dev v0 root nosuch
tc qdisc add dev v0 root nosuch foo
tc qdisc add dev v0 root pfifo_fast foo
tc qdisc add dev v0 root root pfifo
tc qdisc add dev v0 dev v0 root pfifo
tc qdisc add dev v0 handle zz root pfifo
tc qdisc add dev v0 parent zz pfifo
tc qdisc add dev nosuch root pfifo
tc qdisc show dev nosuch
tc qdisc show foo
tc foo
tc qdisc foo
tc -x qdisc
tc qdisc add dev v0 root tbf rate 1mbit
tc qdisc add dev v0 root tbf burst 10k latency 1ms
tc qdisc add dev v0 root tbf rate 1mbit burst 10k latency 1ms limit 3000
tc qdisc add dev v0 root tbf rate 1mbit rate 2mbit
tc qdisc add dev v0 root tbf rate abc burst 10k latency 1ms
tc qdisc add dev v0 root tbf rate 1mbit burst 10k latency 1ms peakrate 500kbit mtu 1500
tc qdisc add dev v0 root tbf foo
tc qdisc add dev v0 root pfifo foo
tc qdisc add dev v0 root pfifo limit
tc qdisc add dev v0 root pfifo limit abc
tc qdisc add dev v0 root pfifo help
ip link set v0 down
tc qdisc add dev v0 root handle 6: pfifo limit 7
tc qdisc show dev v0
ip link show v0 | head -1
tc qdisc del dev v0 root
tc qdisc show dev v0
ip link show v0 | head -1
ip link set v0 up
ip link show v0 | head -1
ip link add b0 type bridge
tc qdisc show dev b0
tc qdisc add dev lo root handle 9: pfifo
tc qdisc show dev lo
