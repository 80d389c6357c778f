ip netns add peer
ip link add va address 02:00:00:00:00:01 type veth peer name vb netns peer address 02:00:00:00:00:02
ip link set va up
ip -n peer link set vb up
ip addr add 10.0.0.1/24 dev va
ip -n peer addr add 10.0.0.2/24 dev vb
ip neigh help
ip neigh add help
ip neigh show help
ip neigh get help
ip n a 10.0.0.5 lladdr 02:00:00:00:00:05 dev va
ip neigh add 10.0.0.5 ll 2:0:0:0:0:6 dev va
ip neigh add to 10.0.0.6 ll 2:0:0:0:0:6 dev va nud perm
ip neigh add 10.0.0.7 ll 2:0:0:0:0:7 dev va nud 4
ip neigh add 10.0.0.8 ll 2:0:0:0:0:7 dev va nud 3
ip neigh add 10.0.0.8 ll 2:0:0:0:0:7 dev va nud 0x20 proto static
ip neigh add 10.0.0.9 ll 2:0:0:0:0:9 dev va proto 99
ip neigh add 10.0.0.10 ll 2:0:0:0:0:9 dev va proto foo
ip neigh add 10.0.0.11 ll 2:0:0:0:0:9 dev va managed
ip neigh add 10.0.0.12 ll 2:0:0:0:0:9 lladdr 2:0:0:0:0:9 dev va
ip neigh add 10.0.0.12 ll 2:0:0:0:0:9:7 dev va
ip neigh add 10.0.0.13 ll null dev va
ip neigh add 10.0.0.14 ll 1.2.3.4 dev va
ip neigh add 10.0.0.14 ll zz dev va
ip neigh add 10.0.0.14 ll 2:0:0:0:0:100 dev va
ip neigh add 10.0.0.14 10.0.0.15 ll 2:0:0:0:0:9 dev va
ip neigh add proxy 10.0.0.15 10.0.0.16 dev va
ip neigh add proxy 10.0.0.16
ip neigh add proxy 10.0.0.17 dev va
ip neigh add proxy 10.0.0.17 dev va
ip neigh add proxy 10.0.0.18 dev va router proto static
ip neigh replace fd00::5 ll 2:0:0:0:0:5 dev va nud stale router extern
ip -4 neigh add fd00::7 ll 2:0:0:0:0:5 dev va
ip -6 neigh add fd00::7 ll 2:0:0:0:0:5 dev va
ip neigh add default dev va
ip neigh add any lladdr 2:0:0:0:0:5 dev va
ip neigh chg 10.0.0.5 dev va nud reach
ip neigh change 10.0.0.5 dev va nud reach
ip neigh repl 10.0.0.5 dev va nud noarp
ip neigh sh
ip neigh list
ip neigh lst
ip neigh ls
ip neigh s
ip neigh show nud none
ip neigh show nud 4 nud perm
ip -o neigh show 10.0.0.6
ip -br neigh show dev va
ip -br neigh
ip -s -s neigh show 10.0.0.6
ip -s -j -p neigh show 10.0.0.6
ip -j neigh show 10.0.0.8
ip -br -j neigh show 10.0.0.6
ip -j neigh show proxy
ip neigh show proxy dev va
ip neigh show proxy proto static
ip neigh show proto static
ip neigh show proto openr
ip neigh show proto foo
ip neigh show proto all
ip neigh show unused
ip neigh show vrf va
ip neigh show master nosuch
ip neigh show master va
ip neigh show nomaster
ip neigh show dev va dev va
ip neigh show 10.0.0.0/29
ip neigh show default
ip neigh show all
ip neigh show any
ip -6 neigh show 10.0.0.1
ip neigh get 10.0.0.6 dev va
ip -s neigh get 10.0.0.6 dev va
ip -j neigh get 10.0.0.6 dev va
ip -j neigh get 10.0.0.66 dev va
ip neigh get 10.0.0.6 dev nosuch
ip neigh get proxy 10.0.0.17
ip neigh get proxy 10.0.0.19
ip neigh get proxy 10.0.0.17 dev va
ip neigh del proxy 10.0.0.16 dev va
ip neigh del proxy 10.0.0.16
ip nei delete 10.0.0.6 dev va
ip neigh del 10.0.0.6
ip neigh del 10.0.0.6 dev va
ip -s -s neigh flush dev va
ip -s neigh flush dev va nud all
ip -s neigh flush nosuch
ip neigh flush dev nosuch
ip neigh flush proxy dev va
ip neigh flush to 10.0.0.0/24
ip -s neigh flush dev va nud perm
ip -s neigh flush dev va nud perm
ip maddr help
ip maddr show foo
ip maddr show dev va dev vb
ip -o maddr
ip -o maddr show va
ip -j -p maddr show va
ip -0 maddr show va
ip -4 maddr
ip -6 -j maddr
ip m
ip ma sh va
ip maddr lst dev va
ip maddr add 01:00:5e:00:00:09
ip maddr add 01:00:5e:00:00:09 dev nosuch
ip maddr add 01:00:5e:00:00:09 dev va
ip maddr add 01:00:5e:00:00:09 dev va
ip maddr add 02:00:5e:00:00:09 dev va
ip maddr add 33:33:00:00:00:01 dev va
ip maddr show va
ip maddr del 33:33:00:00:00:01 dev va
ip maddr show va
ip maddr del 33:33:00:00:00:01 dev va
ip maddr del 01:00:5e:00:00:09 dev va
ip maddr add zz dev va
ip maddr add 1:2 dev va
ip maddr add 01:00:5e:00:00:09 01:00:5e:00:00:0a dev va
ip maddr add 01:00:5e:00:00:09 dev va dev va
ip maddr add address 01:00:5e:00:00:09 dev lo
ip maddr show lo
ip addr add 239.1.2.3/32 dev va autojoin
ip maddr show va
ip netns exec peer ip addr add ff05::99/64 dev vb autojoin
