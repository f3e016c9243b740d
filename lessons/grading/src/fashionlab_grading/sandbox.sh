#!/bin/sh
# Makes the file system of a sandbox and runs a command in it. sandbox.py starts it, as the first process
# in namespaces of its own (mounts, processes, network), and tells it by variables and standard input what to do:
#
#   ROOT        an empty folder, which becomes the root
#   SIZE        how many bytes the writable part may hold
#   OWNER       the user who runs the command where this script runs as the machine's root, else empty
#   LIMITS      options of prlimit
#   standard input: lines of  ro PATH | ro PATH TARGET | run PATH TARGET | link TARGET PATH, then  end
#
# The command is given as arguments. It has no capabilities and cannot gain any. Its standard input is this script's.
# All that it can write is the root's tmpfs, which nobody else sees: no folder of the machine is mounted writable.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount --make-rprivate /
mount -t tmpfs -o "size=$SIZE,nr_inodes=100k,mode=0755,nosuid,nodev" sandbox "$ROOT"
cd "$ROOT"
mkdir proc dev tmp home old
mkdir dev/shm
chmod 1777 tmp dev/shm

# point makes a place to mount $1 on. In a folder that is mounted already, which is read-only, the place is there.
point() {
    [ ! -e ".$2" ] || return 0
    if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p "$(dirname ".$2")"; : >>".$2"; fi
}
tab='	'
while IFS="$tab" read -r what path target; do
    case "$what" in
    ro)
        target="${target:-$path}"
        point "$path" "$target"
        mount --bind "$path" ".$target"
        mount -o remount,bind,ro,nosuid,nodev ".$target"
        ;;
    run)
        # Linux makes the memory of a program that its user cannot read nobody's to read or write.
        mkdir -p "$(dirname ".$target")"
        cp "$path" ".$target"
        chmod 0111 ".$target"
        ;;
    link)
        mkdir -p "$(dirname ".$target")"
        ln -s "$path" ".$target"
        ;;
    end) break ;;
    *)
        echo "sandbox.sh: unknown line: $what" >&2
        exit 125
        ;;
    esac
done

for device in null zero full random urandom; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mount -t proc -o nosuid,nodev,noexec proc proc
# No namespaces within the namespaces.
# (As the machine's root this would be the limit of the whole machine.)
if [ -z "$OWNER" ]; then
    for kind in user mnt pid net ipc uts; do
        echo 0 >"proc/sys/user/max_${kind}_namespaces" || true
    done
fi
[ -z "$OWNER" ] || chown "$OWNER:$OWNER" home

pivot_root . old
cd /home
# The folder is needed no more, and nobody else would remove it where the grading is ended by force.
rmdir "/old$ROOT" 2>/dev/null || true
umount -l /old
rmdir /old 2>/dev/null || true
mount -o remount,nosuid,nodev / 2>/dev/null || true

identity="--bounding-set=-all --inh-caps=-all --no-new-privs"
[ -z "$OWNER" ] || identity="--reuid=$OWNER --regid=$OWNER --clear-groups $identity"
# This shell stays: the first process of a namespace has to collect those that were left alone. When the
# command ends, it ends, and all others with it.
unset ROOT SIZE
limits="$LIMITS"
unset LIMITS OWNER
# A command in the background reads from /dev/null unless it is told otherwise.
exec 3<&0 </dev/null
# shellcheck disable=SC2086 # these are lists of options
setpriv $identity prlimit $limits -- "$@" <&3 3<&- &
exec 3<&-
wait $!
