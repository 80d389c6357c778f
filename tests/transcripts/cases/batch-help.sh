# ip -batch, -force, versions, help words, abbreviations
printf 'link add va type veth peer name vb\nlink set va up\n# comment\n\naddr add 10.0.0.1/24 dev va\n' > b1
ip -batch b1
ip -br addr show va | cut -c1-40
printf 'link set nosuch up\nlink set vb up\n' > b2
ip -batch b2
ip -br link show vb | cut -c1-26
ip -force -batch b2
ip -br link show vb | cut -c1-26
printf 'addr add 10.0.0.2/24 dev va\naddr add 10.0.0.2/24 dev va\naddr foo\nfoo\naddr add 10.0.0.3/24 dev va\n' > b3
ip -f inet -force -b b3
ip -4 -br addr show va
printf 'addr show lo\nroute\n' | ip -batch -
ip -batch nosuch
ip -b
echo 'link show "lo"' | ip -b -
printf 'link add vx \\\n type bridge\nlink show vx\n' | ip -batch - | sed 's/ether [0-9a-f:]*/ether #/'
ip -n nosuch -batch b1
printf 'netns add q\nlink add w netns q type bridge\n' | ip -batch -
ip -n q -br link | cut -c1-20
printf 'fdb show dev va\n' > b4
bridge -batch b4
bridge -b nosuch
ip -V
ip -Version
bridge -V
ip -foo link
ip -4 -6 addr show lo
ip -f inet addr show lo
ip -family inet6 addr show lo
ip -f foo addr
ip -f
ip -n
ip l sh lo
ip li l dev lo
ip a s lo
ip ad l dev lo
ip addr ls lo
ip ro l
ip rou sh table local
ip ru
ip n
ip nei sh
ip net
ip netn l
ip m sh lo
ip ma s lo
ip -o l sh lo
ip -s l sh lo
ip -st l l lo
ip -stats link show lo
ip -det l sh lo
ip -j a s lo
ip -json a s lo
ip -p -j l sh lo
ip -br -c=never l sh lo
ip -oneline addr show lo
ip -brief addr show lo
ip a sh de lo
ip a add 10.9.0.1/32 de lo
ip a a 10.9.0.2/32 dev lo
ip a d 10.9.0.1/32 dev lo
ip a del 10.9.0.2/32 dev lo
ip l a vq t bridge
ip l d vq
ip l s lo up
ip t
ip tu foo
ip x
