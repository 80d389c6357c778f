ip netns add red
ip netns exec red sleep 300 & P=$!
sleep 1
mkdir -p /var/run/netns
ln -s /proc/$P/ns/net /var/run/netns/blue
ln -s /proc/$P/ns/net /var/run/netns/blue
ln -sf /proc/$P/ns/net /var/run/netns/blue
ip netns list
ip netns exec blue ip -br link
ip netns identify $P
ls /var/run/netns
touch /var/run/netns/green
mount --bind /proc/$P/ns/net /var/run/netns/green
ip -n green link add d0 type veth peer name d1
ip -n red -br link show type veth | wc -l
rm /var/run/netns/green
rm -f /var/run/netns/red
ip netns del red
ip netns exec green ip -br link | wc -l
umount /var/run/netns/green
rm /var/run/netns/green
ip netns list
kill $P; wait $P 2>/dev/null
ip netns list
ip netns exec blue ip link
ip netns del blue
ip netns list
rm /var/run/netns/nope
umount /var/run/netns/nope
ip netns list
ip netns list
ip netns add red
ip netns exec red readlink /proc/self/ns/net | cut -c1-5
[ "$(ip netns exec red readlink /proc/self/ns/net)" = "$(readlink /proc/self/ns/net)" ] || echo differ
ls -l /proc/self/ns/net | wc -l
