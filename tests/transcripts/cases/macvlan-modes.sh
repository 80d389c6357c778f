# macvlan modes between two children and the parent
ip netns add h; ip -n h link set lo up; ip netns add a; ip netns add b; ip netns add out
ip link add e0 netns h address 02:00:00:00:00:e0 type veth peer name o0 netns out; ip -n h link set e0 addrgenmode none; ip -n out link set o0 addrgenmode none; ip -n h addr add 10.0.0.1/24 dev e0; ip -n out addr add 10.0.0.254/24 dev o0; ip -n h link set e0 up; ip -n out link set o0 up
for m in bridge private vepa; do for n in a b; do ip -n h link add link e0 name m$n address 02:00:00:00:00:$n$n type macvlan mode $m; ip -n h link set m$n netns $n name eth0; ip -n $n link set eth0 addrgenmode none; ip -n $n addr add 10.0.0.1$(test $n = a && echo 1 || echo 2)/24 dev eth0; ip -n $n link set eth0 up; done; echo $m; ip netns exec a ping -c 1 -W 1 10.0.0.12 | grep -o '[0-9]* received'; ip netns exec a ping -c 1 -W 1 10.0.0.254 | grep -o '[0-9]* received'; ip netns exec a ping -c 1 -W 1 10.0.0.1 | grep -o '[0-9]* received'; ip -n a -d link show eth0 | grep -o 'macvlan mode [a-z]*'; ip -n a link del eth0; ip -n b link del eth0; done
ip -n h link add link e0 name p0 type macvlan mode passthru
ip -n h -d link show p0 | grep -o 'macvlan mode [a-z]*'
ip -n h link add link e0 name p1 type macvlan mode bridge
ip -n h link del p0
ip -n h link add link e0 name hm type macvlan mode bridge
ip -n h link add link e0.7 name x type macvlan
ip -n h link add link e0 name v7 type vlan id 7
ip -n h link set v7 up; ip -n h addr add 10.7.0.1/24 dev v7
ip -n out link add link o0 name v7 type vlan id 7; ip -n out link set v7 up; ip -n out addr add 10.7.0.2/24 dev v7
ip netns exec h ping -c 1 -W 1 10.7.0.2 | grep -o '[0-9]* received'
ip -n h -br link | awk '{print $1,$2}'
ip -n h link set e0 down
ip -n h -br link | awk '{print $1,$2}'
ip -n h link del e0
ip -n h -br link | awk '{print $1}'
