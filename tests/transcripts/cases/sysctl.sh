# sysctl: reading, writing, patterns, errors, keys that come and go with devices
sysctl net.ipv4.ip_forward
sysctl -n net.ipv4.ip_forward
sysctl net/ipv4/ip_forward
sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding
sysctl -w net.ipv4.ip_forward=1
sysctl -w net.ipv4.ip_forward = 1
sysctl net.ipv4.ip_forward=0
sysctl -q -w net.ipv4.ip_forward=1
sysctl -n -w net.ipv4.ip_forward=1
sysctl -w "net.ipv4.ip_forward= 0"
sysctl -w net.ipv4.ip_forward
sysctl -w net.ipv4.ip_forward=abc
sysctl -w net.ipv4.ip_forward=
sysctl -w net.ipv4.ip_forward=5
sysctl net.ipv4.ip_forward
sysctl net.ipv4.nosuch
sysctl -w net.ipv4.nosuch=1
sysctl -e net.ipv4.nosuch
sysctl -e -w net.ipv4.nosuch=1
sysctl nosuch
sysctl
sysctl -z
sysctl -V
sysctl net.ipv4.conf.va.forwarding
ip link add va address 02:00:00:00:00:01 type veth peer name v.b address 02:00:00:00:00:02
sysctl net.ipv4.conf.va.forwarding net.ipv6.conf.va.disable_ipv6 net.ipv4.neigh.va.gc_stale_time
sysctl net/ipv4/conf/v.b/rp_filter
sysctl net.ipv4.conf.v/b.rp_filter
sysctl net.ipv4.conf.v.b.rp_filter
ip link set va name wire
sysctl net.ipv4.conf.va.forwarding
sysctl net.ipv4.conf.wire.forwarding
sysctl -a 2>/dev/null | grep 'net.ipv4.conf.wire' | sort
sysctl -a 2>/dev/null | grep 'net.ipv6.conf.wire' | grep -v stable_secret | sort
sysctl -a 2>/dev/null | grep 'net.ipv[46].neigh.wire' | sort
sysctl -a -r 'ipv4.conf.*.rp_filter' 2>/dev/null
sysctl -a --pattern 'ip_default_ttl' 2>/dev/null
sysctl net.ipv4.conf.default.rp_filter=1
ip link add vc type veth peer name vd
sysctl net.ipv4.conf.vc.rp_filter net.ipv4.conf.wire.rp_filter net.ipv4.conf.all.rp_filter
sysctl -w net.ipv4.conf.all.rp_filter=2
sysctl net.ipv4.conf.vc.rp_filter
sysctl -w net.ipv4.conf.all.forwarding=1
sysctl net.ipv4.ip_forward net.ipv4.conf.vc.forwarding net.ipv4.conf.default.forwarding
sysctl -w net.ipv4.ip_forward=0
sysctl net.ipv4.conf.vc.forwarding
sysctl -w net.ipv6.conf.all.forwarding=1
sysctl net.ipv6.conf.vc.forwarding net.ipv6.conf.default.forwarding net.ipv6.conf.lo.forwarding
sysctl -w net.ipv6.conf.default.forwarding=0
sysctl net.ipv6.conf.vc.forwarding net.ipv6.conf.all.forwarding
sysctl -w net.ipv4.ip_default_ttl=0
sysctl -w net.ipv4.ip_default_ttl=256
sysctl -w net.ipv4.ip_default_ttl=65
ping -c 1 127.0.0.1
sysctl -w net.ipv4.ping_group_range="0 2147483647"
sysctl net.ipv4.ip_local_port_range
sysctl -w net.ipv4.ip_local_port_range="40000 50000"
sysctl -w net.ipv4.conf.vc.rp_filter=77
sysctl -w net.ipv6.conf.vc.disable_ipv6=7
sysctl net.ipv6.conf.vc.disable_ipv6
echo 'net.ipv4.ip_forward = 1' > s.conf
echo '# comment' >> s.conf
echo '-net.ipv4.nosuch = 1' >> s.conf
echo 'net.ipv4.nosuch2 = 1' >> s.conf
echo 'bad line' >> s.conf
sysctl -p s.conf
sysctl -p nosuch.conf
sysctl -q -p s.conf
sysctl -n net.ipv4.conf.lo.forwarding net.ipv4.conf.all.accept_redirects
ip link del vc
sysctl net.ipv4.conf.vc.forwarding
ip netns add red
ip netns exec red sysctl net.ipv4.ip_forward net.ipv4.ip_default_ttl net.ipv4.conf.default.rp_filter net.ipv6.conf.all.forwarding
sysctl kernel.hostname
sysctl -w kernel.hostname=changed
hostname
