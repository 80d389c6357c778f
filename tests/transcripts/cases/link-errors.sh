# ip link: wrong names, wrong words, missing arguments, and what each says
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add
ip link add vc
ip link add vc type nosuchtype
ip link add vc type
ip link add averyveryverylongname type veth
ip link add va type bridge
ip link add "a/b" type bridge
ip link add "a b" type bridge
ip link add . type bridge
ip link add vc address 02:00:00:00:00 type bridge
ip link add vc address 01:00:00:00:00:01 type bridge
ip link add vc address 00:00:00:00:00:00 type bridge
ip link add vc mtu 10 type veth
ip link add vc mtu abc type veth
ip link add vc type veth peer
ip link add vc type veth peer name vc
ip link add vc type veth foo
ip link add vc type bridge foo 1
ip link set
ip link set va
ip link set va foo
ip link set va up down
ip link set va mtu
ip link set va mtu abc
ip link set va mtu 67
ip link set va mtu 65536
ip link set va mtu -1
ip link set va address 02:00:00:00:00:zz
ip link set va address 01:00:5e:00:00:01
ip link set va address ff:ff:ff:ff:ff:ff
ip link set va name vb
ip link set va name averyveryverylongname
ip link set va name
ip link set va arp maybe
ip link set va promisc maybe
ip link set va master vb
ip link set va master nosuch
ip link set va nomaster
ip link set va type bridge_slave cost 5
ip link set va netns nosuch
ip link set va txqueuelen abc
ip link set va group nosuch
ip link del
ip link del nosuch
ip link del lo
ip link del va vb
ip link show nosuch
ip link show dev
ip link show type nosuch
ip link show master nosuch
ip link foo
ip foo
ip
ip link set dev va dev vb up
ip link show
