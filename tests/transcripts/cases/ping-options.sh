# ping: options that change what is sent, waited for and printed
ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up
ip -n peer link set vb up; ip -n peer link set lo up
ip addr add 10.0.0.1/24 dev va
ip addr add 10.0.0.11/24 dev va
ip -n peer addr add 10.0.0.2/24 dev vb
ip addr add fd00::1/64 dev va nodad
ip -n peer addr add fd00::2/64 dev vb nodad
sleep 2
ping -c 1 10.0.0.2
ping -c 3 -i 0.2 10.0.0.2
ping -c 2 -i 0.001 10.0.0.2 | sed 's/time [0-9]*ms/time #/'
ping -q -c 2 -i 0.1 10.0.0.2 | sed 's/time [0-9]*ms/time #/'
ping -n -c 1 10.0.0.2
ping -4 -c 1 10.0.0.2
ping -c 1 -s 0 10.0.0.2
ping -c 1 -s 8 10.0.0.2
ping -c 1 -s 15 10.0.0.2
ping -c 1 -s 16 10.0.0.2
ping -c 1 -s 1472 10.0.0.2
ping -c 1 -s 1473 10.0.0.2
ping -c 1 -s 20000 10.0.0.2
ping -c 1 -s 65507 10.0.0.2
ping -c 1 -s 65508 10.0.0.2
ping -c 1 -M do -s 1473 10.0.0.2
ping -c 1 -M want -s 1473 10.0.0.2
ping -c 1 -M dont -s 1473 10.0.0.2
ping -c 1 -t 1 10.0.0.2
ping -c 1 -t 255 10.0.0.2
ping -c 1 -I va 10.0.0.2
ping -c 1 -I 10.0.0.11 10.0.0.2
ping -c 1 -I lo 10.0.0.2
ping -c 1 -I 10.0.0.11 10.0.0.1
ping -c 1 -p ff 10.0.0.2
ping -c 1 -p 0a0b -s 4 10.0.0.2
ping -c 1 -Q 0x10 10.0.0.2
ping -c 1 -m 5 10.0.0.2
ping -c 1 -v 10.0.0.2 | sed 's/ident=[0-9]*/ident=#/; s/id=[0-9]*/id=#/'
ping -c 1 -D 10.0.0.2 | sed 's/^\[[0-9.]*\]/[#]/'
ping -c 1 -U 10.0.0.2
ping -c 1 -a 10.0.0.2 | tr -d '\a'
ping -c 2 -i 0.1 -A 10.0.0.2 | sed 's/time [0-9]*ms/time #/'
ping -c 3 -f 10.0.0.2 | tr -d '\b' | sed 's/time [0-9]*ms/time #/'
ping -c 3 -f 10.0.0.77 | tr -d '\b' | sed 's/time [0-9]*ms/time #/'
ping -w 2 10.0.0.2 | sed 's/time [0-9]*ms/time #/'
ping -w 1 -c 5 10.0.0.2 | sed 's/time [0-9]*ms/time #/'
ping -c 1 -w 3 10.0.0.77 | sed 's/time [0-9]*ms/time #/'
ping -c 2 -W 1 10.0.0.77 | sed 's/time [0-9]*ms/time #/'
ping -c 4 10.0.0.77 | sed 's/time [0-9]*ms/time #/'
ping -c 2 -O -W 1 10.0.0.77 | sed 's/time [0-9]*ms/time #/'
ping -c 1 -R 10.0.0.2
ping -c 1 -T tsonly 10.0.0.2 | head -2
ping -c 1 -l 3 -c 3 10.0.0.2
