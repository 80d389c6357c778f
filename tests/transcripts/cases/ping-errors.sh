# ping: wrong arguments and hopeless targets
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link set va up
ip addr add 10.0.0.1/24 dev va
ping
ping -c
ping -c 1
ping -c 0 10.0.0.1
ping -c -1 10.0.0.1
ping -c abc 10.0.0.1
ping -c 1 -W abc 10.0.0.1
ping -c 1 -W -1 10.0.0.1
ping -c 1 -i abc 10.0.0.1
ping -c 1 -i -1 10.0.0.1
ping -c 1 -s abc 10.0.0.1
ping -c 1 -s -1 10.0.0.1
ping -c 1 -s 65508 10.0.0.1
ping -c 1 -s 99999999999 10.0.0.1
ping -c 1 -t 0 10.0.0.1
ping -c 1 -t 256 10.0.0.1
ping -c 1 -w abc 10.0.0.1
ping -c 1 -M foo 10.0.0.1
ping -c 1 -I nosuch 10.0.0.1
ping -c 1 -I 10.99.0.1 10.0.0.1
ping -c 1 -p zz 10.0.0.1
ping -Z 10.0.0.1
ping --help
ping -c 1 no.such.name
ping -c 1 10.0.0
ping -c 1 10.0.0.1.5
ping -c 1 256.0.0.1
ping -c 1 ""
ping -c 1 10.0.0.1 10.0.0.2
ping -c 1 99.0.0.1
ping -c 1 0.0.0.0
ping -c 1 localhost
ping -4 -c 1 localhost
ping -6 -c 1 localhost
ping -6 -c 1 10.0.0.1
ping -4 -c 1 fd00::1
ping -c 1 10.0.0.255
ping -c 1 -W 1 -b 10.0.0.255
ping -c 1 255.255.255.255
ping -c 1 -W 1 224.0.0.1
ping -c 1 10.0.0.1
ping -c 1 127.0.0.1
ping -c 1 127.1
ping -c 1 127.9.9.9
ping -c 1 ::1
ping -c 1 fe80::1
ping -c 1 fe80::1%nosuch
ping -c 1 fd00::9
ping -c 1 -I va fd00::9
ping -V
ping6 -c 1 ::1
ping6 -c 1 127.0.0.1
ip link set lo down
ping -c 1 127.0.0.1
ping -c 1 10.0.0.1
ping -c 1 ::1
ip link set va down
ping -c 1 -W 1 10.0.0.1
ping -c 1 10.0.0.2
ping -c 1 -I va 10.0.0.2
