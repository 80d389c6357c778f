# ip addr show: filters and formats
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add vc address 02:00:00:00:00:03 type veth peer name vd address 02:00:00:00:00:04
ip link set va up
ip link set vb up
ip addr add 10.0.0.1/24 dev va
ip addr add 10.0.0.2/24 dev va label va:1
ip addr add 10.1.0.1/24 dev va scope link label va:2
ip addr add 10.2.0.1/24 dev vb valid_lft 500 preferred_lft 400
ip addr add 10.3.0.1/24 dev vc
ip addr add fd00::1/64 dev va nodad
ip addr add fd01::1/64 dev vb nodad preferred_lft 0
sleep 3
ip a
ip address
ip addr list va
ip a s va
ip a s dev va
ip a show up
ip addr show scope link
ip addr show scope global
ip addr show scope host
ip addr show dev va scope link
ip addr show label "va:*"
ip addr show to 10.0.0.0/16
ip addr show to 10.0.0.2
ip addr show to fd00::/16
ip -4 addr
ip -6 addr
ip -4 addr show vd
ip -6 addr show vc
ip addr show permanent
ip addr show dynamic
ip addr show secondary
ip addr show primary
ip addr show tentative
ip addr show deprecated
ip -6 addr show -tentative
ip addr show type veth
ip addr show type bridge
ip addr show master nosuch
ip -br addr
ip -br a s va
ip -br -4 addr
ip -br -6 addr
ip -br addr show scope global
ip -o addr
ip -o -4 addr
ip -o -6 addr show va
ip -4 -o a s va | awk '{print $4}'
ip -j addr show va
ip -j -p addr show vb
ip -j -br addr
ip -j -4 addr
ip -d addr show va
ip -s addr show vd
ip -h addr show vd
ip addr show vb dev va
ip addr show va primary label va:1
ip addr show up scope host
