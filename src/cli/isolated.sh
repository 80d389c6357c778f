# isolated.sh NET MNT SCRIPT BINARY SEED FRAMES: runs SCRIPT in the namespaces that this was started in, on the kernel
# where BINARY is empty, else in the simulator that BINARY is. NET and MNT are the namespaces that it must not
# run in. Where FRAMES is not empty, a tcpdump listens in each namespace that has a name, and what it saw follows
# the steps behind a mark. Every line is printed behind `$ `, then its output, then [exit N] where N is not 0.
set -u
refuse() { echo "$1" >&2; exit 77; }
[[ $(readlink /proc/self/ns/net) != "$1" && $(readlink /proc/self/ns/mnt) != "$2" ]] || refuse "not in namespaces of its own"
[[ $$ == 1 ]] || refuse "not in a process namespace of its own"
must() { "$@" || refuse "failed to keep the script in: $*"; }
# The names of namespaces, and a place for files, that end with us.
must mount -t tmpfs tmpfs /run/netns
must touch /run/netns/binary /run/netns/script
must mount --bind "$3" /run/netns/script
[[ -z $4 ]] || must mount --bind "$4" /run/netns/binary
must mount -t tmpfs tmpfs /tmp
must mkdir /tmp/.vethlab /tmp/work
must cp /run/netns/script /tmp/.vethlab/script
must umount /run/netns/script
if [[ -n $4 ]]; then
  must touch /tmp/.vethlab/vethlab
  must mount --bind /run/netns/binary /tmp/.vethlab/vethlab
  must umount /run/netns/binary
fi
# Nor is there a socket of a service of the machine.
must mount -t tmpfs tmpfs /run
must mkdir /run/netns
# All other files are read only: /proc/sys but for the network's, and the machine's devices are not in /sys.
must mount --bind /proc/sys /proc/sys
must mount --bind /proc/sys/net /proc/sys/net
must mount -o remount,bind,ro /proc/sys
for devices in /sys/class/net /sys/devices/virtual/net; do
  [[ ! -d $devices ]] || must mount -t tmpfs -o ro,size=4k tmpfs "$devices"
done
while read -r _ place kind _; do
  case $place in
    /proc | /proc/* | /dev | /dev/* | /sys | /sys/* | /tmp | /tmp/* | /run | /run/netns) continue ;;
  esac
  place=$(printf '%b' "$place")
  must mount -o remount,bind,ro "$place"
done < /proc/self/mounts
must ip link set lo up
must hostname host
# A new namespace takes over what the machine's has set for IPv4: back to what a kernel begins with.
for setting in ip_forward=0 conf.all.rp_filter=0 conf.default.rp_filter=0 conf.lo.rp_filter=0; do
  [[ -n $4 ]] || must sysctl -qw "net.ipv4.$setting"
done
cd /tmp/work || refuse "failed to enter a directory"
export LC_ALL=C TERM=dumb TMPDIR=/tmp
unset XDG_RUNTIME_DIR
watch='
__watched=" "
__watch() {
  local space file run
  for space in . $(ip netns list 2>/dev/null | cut -d" " -f1); do
    [[ $__watched == *" $space "* ]] && continue
    __watched+="$space "
    file=/tmp/.vethlab/frames-$space run=(ip netns exec "$space")
    [[ $space != . ]] || run=()
    ("${run[@]}" tcpdump -i any -nn -l -v --immediate-mode > "$file" 2> "$file.err" & echo $! >> /tmp/.vethlab/pids)
    for _ in {1..60}; do
      grep -q listening "$file.err" && break
      sleep 0.05
    done
  done
}
__seen() {
  local space
  sleep 0.5
  kill -INT $(cat /tmp/.vethlab/pids) 2>/dev/null
  sleep 0.2
  for space in $__watched; do
    printf "\36frames %s\n" "$space"
    cat "/tmp/.vethlab/frames-$space"
  done
}
__watch
'
steps='
while IFS= read -r line || [[ -n $line ]]; do
  [[ -z ${line// } || $line == \#* ]] && continue
  printf "\$ %s\n" "$line"
  eval "$line" </dev/null 2>&1
  status=$?
  if ((status)); then printf "[exit %d]\n" "$status"; fi
  __watch
done < /tmp/.vethlab/script
__seen
exit 0'
[[ -n $6 ]] || watch='__watch() { :; }; __seen() { :; };'
limit=(setpriv --bounding-set -sys_module,-sys_boot,-sys_time,-sys_rawio)
"${limit[@]}" true || refuse "failed to keep the script in: setpriv"
if [[ -n $4 ]]; then
  "${limit[@]}" /tmp/.vethlab/vethlab exec --seed "$5" -- bash -c "$watch$steps"
else
  "${limit[@]}" bash -c "$watch$steps"
fi
exit 0
