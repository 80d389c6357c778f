# offloads: switched by groups and by name, what hangs on what
ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02
ip link add br0 type bridge
ip link add vx0 type vxlan id 5 dstport 4789
ethtool -k va
ethtool -k br0
ethtool -k vx0
ethtool -k lo
ethtool -K va lro on
ethtool -K va rx off
ethtool -K va tx off rx on
ethtool -k va | grep -v fixed
ethtool -K va tso on
ethtool -K va tx on
ethtool -K va sg off
ethtool -k va | grep -v fixed
ethtool -K va gso off
ethtool -K va sg on gso on
ethtool -K va gro on
ethtool -K va rxvlan off txvlan off
ethtool -k va | grep vlan
ethtool -K va ntuple on rxhash on
ethtool -K va tx-checksum-ip-generic off
ethtool -K va tx-checksum-ip-generic on
ethtool -K va highdma off
ethtool -K va ufo off
ethtool -K va tx-gso-partial on
ethtool -K va tx-udp-segmentation off
ethtool -K va tx off tx on
ethtool -K va rx-udp-gro-forwarding on
ethtool -K va rx-gro-list on
ethtool -K va tx-nocache-copy on
ethtool -k va | grep -v fixed
ethtool -K lo tx off
ethtool -K lo gso off tso off
ethtool -K lo lro on
ethtool -k lo | grep -v fixed
ethtool -K br0 tx off
ethtool -K br0 tx on sg off
ethtool -K br0 gro on
ethtool -k br0 | grep -v fixed
ethtool -K vx0 tx off
ethtool -k vx0 | grep -v fixed
ethtool -K nosuch tx off
ethtool -K
ethtool -K va rx maybe
ethtool -K va off
ip link set va master br0
ethtool -k br0 | grep -v fixed
ethtool -K vb tx off
ethtool -l va
ethtool -L va rx 1 tx 1
ethtool -L va rx 2 tx 2
ethtool -l va
ethtool -L va rx 3
ethtool -L va combined 1
ethtool -L va rx 0
ethtool -L va frob 1
ethtool -L va
ethtool -L br0 rx 1
ethtool -S va | wc -l
ethtool -K va ufo on
ip -d link show va | grep -o 'numtx.*numrxqueues [0-9]*'
