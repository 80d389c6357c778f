# arping: options, errors, exit statuses
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up
ip addr add 10.0.0.1/24 dev va
ip -n peer link set vb up
ip -n peer addr add 10.0.0.2/24 dev vb
arping
arping -c 1 10.0.0.2
arping -I va
arping -c 1 -I nosuch 10.0.0.2
arping -c 1 -I lo 127.0.0.1
arping -c 1 -I va foo
arping -c abc -I va 10.0.0.2
arping -c 0 -I va 10.0.0.2
arping -w abc -I va 10.0.0.2
arping -z -I va 10.0.0.2
arping -c 1 -I va 10.0.0.2
arping -c 2 -I va 10.0.0.2
arping -f -I va 10.0.0.2
arping -q -c 1 -I va 10.0.0.2
arping -q -c 1 -I va 10.0.0.77
arping -c 2 -I va 10.0.0.77
arping -f -w 1 -I va 10.0.0.77
arping -w 2 -I va 10.0.0.77
arping -b -c 2 -I va 10.0.0.2
arping -c 3 -i 0.2 -I va 10.0.0.2
arping -c 1 -s 10.0.0.1 -I va 10.0.0.2
arping -c 1 -s 10.0.0.9 -I va 10.0.0.2
arping -c 1 -s foo -I va 10.0.0.2
arping -D -c 1 -I va 10.0.0.2
arping -D -c 2 -I va 10.0.0.2
arping -D -c 1 -w 1 -I va 10.0.0.77
arping -D -q -c 1 -I va 10.0.0.2
arping -U -c 1 -I va 10.0.0.1
arping -A -c 2 -I va 10.0.0.1
arping -U -c 1 -I va 10.0.0.77
ip link set va down
arping -c 1 -I va 10.0.0.2
ip link set va up
ip addr del 10.0.0.1/24 dev va
arping -c 1 -I va 10.0.0.2
arping -c 1 -w 1 -I va 10.99.0.2
ip link set va arp off
arping -c 1 -I va 10.0.0.2
