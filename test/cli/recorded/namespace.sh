#!/bin/sh
# Run by `unshare -n -m`: namespace.sh FOLDER NODE RECORDER
# A machine of its own over this one's files. FOLDER/root is `/` for what runs in it: every file system lies there under an
# overlay, so that what is written is a file in FOLDER/upper/N, and this machine keeps nothing of it; line N (from 0) of
# FOLDER/overlays says of what place. Packets for other machines go to the interface `out`, whose far end drops them; names
# are asked of 127.0.0.1.
set -eu
folder=$1
mount --make-rprivate /
# Mount points as they are now, the shallow ones first.
mounts=$(awk '{print $5}' /proc/self/mountinfo | sort -u)
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/root" "$folder/upper" "$folder/work" "$folder/below"
# Overlays take the directory below them from here, where no overlay hides it.
mount --rbind / "$folder/below"
overlay() {
  n=$(ls "$folder/work" | wc -l)
  mkdir "$folder/upper/$n" "$folder/work/$n"
  mount -t overlay -o "lowerdir=$folder/below$1,upperdir=$folder/upper/$n,workdir=$folder/work/$n" overlay "$folder/root$1"
  echo "$1" >> "$folder/overlays"
}
overlay /
echo "$mounts" | while read -r path; do
  [ "$path" != / ] && [ -e "$folder/root$path" ] || continue
  case "$path" in "$folder"*) continue ;; esac
  case "$path" in
    /proc* | /sys* | /dev | /dev/pts | /dev/mqueue) mount --bind "$path" "$folder/root$path" ;;
    *) if [ -d "$path" ]; then overlay "$path"; else mount --bind -o ro "$path" "$folder/root$path"; fi ;;
  esac
done
rm -rf "$folder/root/etc/resolv.conf" "$folder/root/run/systemd/resolve" "$folder/root/run/nscd" "$folder/root/var/run/nscd"
echo "nameserver 127.0.0.1" > "$folder/root/etc/resolv.conf"
echo "hosts: files dns" > "$folder/root/etc/nsswitch.conf"

ip link set lo up
ip link add out type veth peer name far
ip link set far up
ip link set out up
ip addr add 192.0.2.1/24 dev out
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev out nud permanent
ip route add default via 192.0.2.2
if [ -e /proc/sys/net/ipv6 ]; then
  ip addr add 2001:db8::1/64 dev out nodad
  ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev out nud permanent
  ip route add default via 2001:db8::2
fi
exec "$2" "$3"
