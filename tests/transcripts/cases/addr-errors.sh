# ip addr: wrong input of every kind
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip addr add
ip addr add dev va
ip addr add 10.0.0.1/24
ip addr add 10.0.0.1/24 dev
ip addr add 10.0.0/24 dev va
ip addr add 10.0.0.1.5/24 dev va
ip addr add hello dev va
ip addr add 10.0.0.1/ dev va
ip addr add 10.0.0.1/-1 dev va
ip addr add 10.0.0.1/255.255.255.0 dev va
ip addr add 10.0.0.1/255.0.255.0 dev va
ip addr add 10.0.0.2/24 foo dev va
ip addr add 10.0.0.2/24 scope nosuch dev va
ip addr add 10.0.0.2/24 valid_lft abc dev va
ip addr add 10.0.0.2/24 label dev va
ip addr add 10.0.0.2/24 label va:averyveryverylongname dev va
ip addr add 10.0.0.2/24 peer dev va
ip addr add 10.0.0.2/24 brd zz dev va
ip addr add 10.0.0.2/24 10.0.0.3/24 dev va
ip addr add 10.0.0.2/24 dev va dev vb
ip addr add any dev va
ip addr add default dev va
ip -6 addr add 10.0.0.2/24 dev va
ip -4 addr add fd00::1/64 dev va
ip addr add fd00::1 dev va
ip addr add fd00::1/64 dev va
ip addr add fd00::1/64 dev va
ip addr add fd00:::1/64 dev va
ip addr add fd00::g/64 dev va
ip addr show va
ip addr del 10.99.0.1/24 dev va
ip addr del 10.0.0.1/25 dev va
ip addr del 10.0.0.1 dev va
ip addr del 10.0.0.1/32 dev va
ip addr del fd00::9/64 dev va
ip addr del fd00::1/48 dev va
ip addr del 10.0.0.1/24
ip addr del dev va
ip addr del 10.0.0.1/24 dev nosuch
ip addr flush
ip addr flush dev nosuch
ip addr show nosuch
ip addr show dev va foo
ip addr show to 10.0.0.1/24/5
ip addr show scope nosuch
ip addr foo
ip addr change 10.0.0.7/24 dev va
ip addr replace 10.0.0.7/24 dev va
ip addr replace 10.0.0.7/24 valid_lft 100 preferred_lft 100 dev va
ip addr change 10.0.0.8/24 dev va
ip addr chg 10.0.0.8/24 dev va preferred_lft 0
ip addr show va
