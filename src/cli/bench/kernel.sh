# kernel.sh NET MNT BINARY WHAT SIZE: one workload on the kernel, in the namespaces that this was started in, which end
# with it. NET and MNT are those that it must not run in; BINARY sends and answers. Prints UNITS NANOSECONDS.
set -u
refuse() { echo "$1" >&2; exit 77; }
[[ $(readlink /proc/self/ns/net) != "$1" && $(readlink /proc/self/ns/mnt) != "$2" ]] || refuse "not in namespaces of its own"
[[ $$ == 1 ]] || refuse "not in a process namespace of its own"
must() { "$@" || refuse "failed: $*"; }
binary=/tmp/vethlab what=$4 size=$5
# A place for files, and one for names of namespaces, that end with it.
exec 3< "$3" || refuse "failed to read $3"
must mount -t tmpfs tmpfs /tmp
cat <&3 > "$binary" || refuse "failed to copy $3"
exec 3<&-
must chmod 700 "$binary"
must mount -t tmpfs tmpfs /run
must mkdir /run/netns
must ip link set lo up

now() { echo "${EPOCHREALTIME//[!0-9]/}"; }
worker() { "$binary" bench --worker "$@"; }
within() { ip netns exec "$@"; }
# A namespace that says nothing of its own accord.
quiet() {
  must ip netns add "$1"
  within "$1" bash -c 'for at in default all; do echo 1 > /proc/sys/net/ipv6/conf/$at/disable_ipv6; done' 2> /dev/null
}
received() { within "$1" cat "/sys/class/net/$2/statistics/rx_packets"; }
# Datagrams of 60 byte frames from the namespace $1 to the address $2: each that came to device $4 of $3 counts $5.
datagrams() {
  local from=$1 to=$2 at=$3 dev=$4 each=$5 before after ns
  within "$at" "$binary" bench --worker sink &
  within "$from" "$binary" bench --worker udp "$to" 1000 > /dev/null || refuse "failed to send"
  sleep 0.2
  before=$(received "$at" "$dev")
  ns=$(within "$from" "$binary" bench --worker udp "$to" "$6") || refuse "failed to send"
  sleep 0.2
  after=$(received "$at" "$dev")
  echo $(((after - before) * each)) "$ns"
}
address() { echo "10.$(($1 / 65536)).$(($1 / 256 % 256)).$(($1 % 256))"; }
# So many namespaces on br0, by `ip -batch`: one batch here, and one in each namespace.
build() {
  local number lines=$'link add br0 type bridge\nlink set br0 up\n'
  for ((number = 0; number < size; number++)); do
    lines+="netns add n$number"$'\n'"link add v$number type veth peer name eth0 netns n$number"$'\n'
    lines+="link set v$number master br0 up"$'\n'
  done
  ip -batch - <<< "$lines" || refuse "failed to build"
  for ((number = 0; number < size; number++)); do
    ip -n "n$number" -batch - <<< "addr add $(address $((number + 1)))/8 dev eth0"$'\n'"link set eth0 up" || refuse "failed to build"
  done
}
bridge() {
  must ip -n "$1" link add br0 type bridge
  must ip -n "$1" link set br0 up
}
port() { must ip -n "$1" link set "$2" master br0 up; }
# Frames through so many bridges in a row.
chain() {
  local number near end dev
  quiet first
  quiet last
  near=first dev=eth0
  for ((number = 0; number < $1; number++)); do
    quiet "b$number"
    bridge "b$number"
    must ip -n "b$number" link add left type veth peer name "$dev" netns "$near"
    port "b$number" left
    [[ $near == first ]] || port "$near" right
    near=b$number dev=right
  done
  must ip -n last link add eth0 type veth peer name right netns "$near"
  port "$near" right
  for end in first:1 last:2; do
    must ip -n "${end%:*}" addr add "10.0.0.${end#*:}/24" dev eth0
    must ip -n "${end%:*}" link set eth0 up
  done
  datagrams first 10.0.0.2 last eth0 $(($1 + 1)) $((400000 / ($1 + 3)))
}

case $what in
  build | commands)
    begun=$(now)
    build
    echo "$size" $((($(now) - begun) * 1000))
    ;;
  ping)
    build
    # A link's far end begins to send up to a second after it has its carrier.
    sleep 2
    total=0
    for ((number = 0; number < size; number++)); do
      ns=$(within "n$number" "$binary" bench --worker ping $((number + 1)) "$size") || refuse "failed to ping"
      total=$((total + ns))
      # All namespaces of a kernel share room for 1024 neighbours (gc_thresh3): these go again, outside the time.
      ip -all netns exec ip neigh flush all > /dev/null 2>&1
    done
    echo $((size * (size - 1))) "$total"
    ;;
  chain) chain "$size" ;;
  beside)
    ((size <= 1000)) || refuse "so many namespaces are measured here only"
    ip -batch - <<< "$(printf 'netns add idle%d\n' $(seq "$size"))" || refuse "failed to build"
    chain 16
    ;;
  flood)
    # All stations are in one namespace: a copy costs the same, and building does not take minutes.
    quiet middle
    quiet from
    quiet stations
    bridge middle
    must ip -n middle link add p0 type veth peer name eth0 netns from
    port middle p0
    must ip -n from addr add 10.0.0.1/24 dev eth0
    must ip -n from link set eth0 up
    for ((number = 1; number <= size; number++)); do
      must ip -n middle link add "p$number" type veth peer name "s$number" netns stations
      port middle "p$number"
      must ip -n stations link set "s$number" up
    done
    datagrams from 10.0.0.255 stations "s$size" "$size" $((400000 / (size + 4)))
    ;;
  vxlan)
    quiet h1
    quiet h2
    must ip -n h1 link add wire type veth peer name wire netns h2
    for number in 1 2; do
      must ip -n "h$number" addr add "192.0.2.$number/24" dev wire
      must ip -n "h$number" link set wire up
      bridge "h$number"
      must ip -n "h$number" link add vxlan0 type vxlan id 42 local "192.0.2.$number" remote "192.0.2.$((3 - number))" dstport 4789
      port "h$number" vxlan0
      quiet "c$number"
      must ip -n "h$number" link add port type veth peer name eth0 netns "c$number"
      port "h$number" port
      must ip -n "c$number" link set eth0 mtu 1450
      must ip -n "c$number" addr add "10.0.0.$number/24" dev eth0
      must ip -n "c$number" link set eth0 up
    done
    datagrams c1 10.0.0.2 c2 eth0 1 50000
    ;;
  tcp)
    size=2
    build
    within n1 "$binary" bench --worker serve &
    sleep 0.2
    bytes=$((512 << 20))
    ns=$(within n0 "$binary" bench --worker send 10.0.0.2 $bytes) || refuse "failed to send"
    echo $bytes "$ns"
    ;;
  exec)
    begun=$(now)
    for ((number = 0; number < size; number++)); do ip link show lo > /dev/null; done
    echo "$size" $((($(now) - begun) * 1000))
    ;;
  scenario)
    begun=$(now)
    bash -c 'ip netns add a && ip netns add b && ip -n a link add eth0 type veth peer name eth0 netns b &&
      ip -n a addr add 10.0.0.1/24 dev eth0 && ip -n a link set eth0 up &&
      ip -n b addr add 10.0.0.2/24 dev eth0 && ip -n b link set eth0 up &&
      ip netns exec a ping -c 1 10.0.0.2' > /dev/null || refuse "failed to ping"
    echo 1 $((($(now) - begun) * 1000))
    ;;
  *) refuse "the kernel has no such workload: $what" ;;
esac
