ip netns add red
ip -n red link add v0 type veth peer name v1
ip -n red link add br0 type bridge
ip -n red link add vx0 type vxlan id 42 dstport 4789 local 10.0.0.1
ip -n red link set v0 master br0
ip -n red link set br0 up
ip -n red link set v0 up
ip -n red link set v1 up
ip -n red addr add 10.0.0.1/24 dev br0
ip -n red link set v0 alias "hello world"
sleep 3
ip netns exec red ls /sys/class/net
ip netns exec red ls /sys/class/net/v0
ip netns exec red ls /sys/class/net/br0/
ip netns exec red ls /sys/class/net/br0/brif
ip netns exec red ls /sys/class/net/v0/brport
ip netns exec red ls /sys/class/net/v0/statistics
ip netns exec red ls -d /sys/class/net/br0
ip netns exec red ls -F /sys/class/net
ip netns exec red ls /sys/class/net/br0/mtu /sys/class/net/br0/brif /sys/class/net/nope
for f in addr_assign_type addr_len address broadcast carrier carrier_changes carrier_down_count carrier_up_count duplex flags ifalias ifindex iflink mtu operstate speed tx_queue_len type uevent; do ip netns exec red cat /sys/class/net/v0/$f; done
for f in carrier carrier_changes dormant duplex flags iflink operstate speed type uevent; do ip netns exec red cat /sys/class/net/vx0/$f; done
for f in carrier duplex flags operstate speed type uevent; do ip netns exec red cat /sys/class/net/lo/$f; done
for f in carrier duplex flags operstate speed uevent; do ip netns exec red cat /sys/class/net/br0/$f; done
for f in ageing_time forward_delay group_addr group_fwd_mask hash_max hello_time max_age multicast_querier_interval multicast_router multicast_startup_query_interval priority root_port stp_state; do ip netns exec red cat /sys/class/net/br0/bridge/$f; done
for f in broadcast_flood designated_port group_fwd_mask hairpin_mode learning path_cost port_id port_no priority state unicast_flood; do ip netns exec red cat /sys/class/net/v0/brport/$f; done
ip netns exec red cat /sys/class/net/none/address
ip netns exec red cat /sys/class/net/v0
ip netns exec red cat /sys/class/net/v0/address /sys/class/net/v1/address
ip netns exec red cat /sys/devices/virtual/net/v0/ifindex
ip netns exec red cat /sys/class/net/br0/brif/v0/port_no /sys/class/net/v0/master/ifindex
ip netns exec red readlink /sys/class/net/v0/master
ip netns exec red cat /sys/class/net/br0/bridge/flush
echo 1300 | ip netns exec red tee /sys/class/net/v0/mtu
echo 1 | ip netns exec red tee /sys/class/net/v0/mtu
ip netns exec red cat /sys/class/net/v0/mtu
echo 0 | ip netns exec red tee /sys/class/net/br0/bridge/multicast_snooping
echo 9 | ip netns exec red tee /sys/class/net/v0/ifindex
ip netns exec red cat /sys/class/net/br0/bridge/multicast_snooping
ip netns exec red cat /proc/net/arp
ip netns exec red cat -n /proc/net/route
ip -n red neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev br0
ip netns exec red cat /proc/net/arp
ip -n red route add 10.1.0.0/16 via 10.0.0.2 metric 5 window 100
ip -n red route add unreachable 10.2.0.0/16
ip -n red route add default via 10.0.0.3
ip netns exec red cat /proc/net/route
ip -n red link set lo up
ip netns exec red cat /proc/net/if_inet6 | sort | head -1
cat /proc/sys/net/ipv4/ip_forward
ip netns exec red cat /proc/sys/net/ipv4/conf/br0/rp_filter
ip netns exec red cat /proc/sys/net/ipv4/none
ip netns exec red cat /proc/sys/net/ipv4
ip netns exec red ls /proc/sys/net/ipv4/conf
ip netns exec red ls /proc/sys/net/ipv4/conf/v0
ip netns exec red ls /proc/sys/net/bridge
echo 1 | ip netns exec red tee /proc/sys/net/ipv4/ip_forward
ip netns exec red cat /proc/sys/net/ipv4/ip_forward
echo x | ip netns exec red tee /proc/sys/net/ipv4/ip_forward
echo 1 | ip netns exec red tee /proc/sys/net/ipv4/none
cat /run/netns/red
ls /run/netns
