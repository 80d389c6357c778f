# An emulator on a veth pair with one queue. Recorded on Linux 6.1: the 6.18 of the other cases was built without netem.
ip netns add a
ip link add v0 numtxqueues 1 numrxqueues 1 type veth peer name v1
ip link set v1 netns a up
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip netns exec a ip addr add 10.0.0.2/24 dev v1
sleep 3
tc qdisc add dev v0 root handle 1: netem delay 100ms
tc qdisc show
tc qdisc show dev v0
tc -d qdisc show dev v0
tc -j qdisc show dev v0
tc -p -j qdisc show dev v0
ping -c 2 -q 10.0.0.2 | grep -c " 0% packet loss"
tc qdisc change dev v0 root netem delay 100ms 10ms
tc qdisc show dev v0
tc qdisc change dev v0 root netem delay 100ms 10ms 25%
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc change dev v0 root netem delay 100ms 20ms distribution normal
tc qdisc show dev v0
tc qdisc replace dev v0 root netem loss 10%
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem loss 0.3% 25%
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem loss random 50%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem loss state 10% 20% 30% 40% 50%
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem loss state 5%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem loss state 5% 90%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem loss gemodel 1% 10% 70% 0.1%
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem loss gemodel 1%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem loss gemodel 1% 10%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem loss gemodel 1% 10% 70%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem duplicate 1%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem corrupt 0.1%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem delay 10ms reorder 25% 50%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem delay 10ms reorder 25% 50% gap 5
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem delay 10ms gap 5
tc qdisc show dev v0
tc qdisc replace dev v0 root netem reorder 5%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem rate 5mbit
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem rate 5mbit 20 100 5
tc qdisc show dev v0
tc -j qdisc show dev v0
tc qdisc replace dev v0 root netem rate 5mbit limit 10
tc qdisc show dev v0
tc qdisc replace dev v0 root netem limit 5
tc qdisc show dev v0
tc qdisc replace dev v0 root netem slot 20ms
tc qdisc show dev v0
tc qdisc replace dev v0 root netem slot 20ms 40ms packets 5 bytes 1000
tc qdisc show dev v0
tc qdisc replace dev v0 root netem slot distribution normal 20ms 5ms
tc qdisc show dev v0
tc qdisc replace dev v0 root netem ecn loss 1%
tc qdisc show dev v0
tc qdisc replace dev v0 root netem ecn
tc qdisc replace dev v0 root netem delay 1.5ms loss 1.23% duplicate 3% 20% corrupt 5% 30% reorder 10% rate 1gbit
tc qdisc show dev v0
tc qdisc replace dev v0 root netem delay 10us 1us
tc qdisc show dev v0
tc qdisc replace dev v0 root netem delay 10 5
tc qdisc show dev v0
tc qdisc replace dev v0 root netem delay 2s
tc qdisc show dev v0
tc qdisc replace dev v0 root netem
tc qdisc show dev v0
tc qdisc del dev v0 root
tc qdisc add dev v0 root handle 1: netem delay 10ms
tc qdisc add dev v0 parent 1:1 handle 10: tbf rate 256kbit buffer 1600 limit 3000
tc qdisc show dev v0
tc qdisc del dev v0 root netem
tc qdisc add dev v0 root handle 1:0 tbf rate 256kbit buffer 1600 limit 3000
tc qdisc add dev v0 parent 1:0 handle 2: netem delay 10ms
tc qdisc add dev v0 parent 1:1 handle 2: netem delay 10ms
tc qdisc show dev v0
tc qdisc del dev v0 root
tc qdisc change dev v0 root netem delay 5ms
tc qdisc add dev v0 root netem delay 5ms distribution nosuch
tc qdisc add dev v0 root netem distribution normal
tc qdisc add dev v0 root netem delay
tc qdisc add dev v0 root netem delay 1ms 1ms 200%
tc qdisc add dev v0 root netem loss
tc qdisc add dev v0 root netem loss abc
tc qdisc add dev v0 root netem loss state
tc qdisc add dev v0 root netem loss gemodel
tc qdisc add dev v0 root netem loss foo
tc qdisc add dev v0 root netem duplicate x
tc qdisc add dev v0 root netem corrupt x
tc qdisc add dev v0 root netem reorder x
tc qdisc add dev v0 root netem reorder 10%
tc qdisc add dev v0 root netem gap 5
tc qdisc add dev v0 root netem rate x
tc qdisc add dev v0 root netem limit x
tc qdisc add dev v0 root netem slot x
tc qdisc add dev v0 root handle 3: fq_codel
tc qdisc show dev v0
tc -j qdisc show dev v0
