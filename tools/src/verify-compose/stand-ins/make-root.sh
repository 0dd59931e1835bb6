#!/bin/sh
# Installs packages over a Debian root and writes the result as a tar file. To be run by `unshare --mount --pid --fork`, so
# that every mount ends with it: make-root.sh <base> <scratch folder> <tar file> <suite> <file to add>... -- <package>...
set -eu
base=$1 scratch=$2 archive=$3 suite=$4
shift 4
mkdir -p "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
root=$scratch/root
mount -t proc proc "$root/proc"
# Servers are not to be started by their packages.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
while [ "$1" != -- ]; do
  mkdir -p "$root/$(dirname "${1#*=}")"
  cp -a "${1%%=*}" "$root/${1#*=}"
  shift
done
shift
if [ $# -gt 0 ]; then
  if [ "$suite" != "$(cat "$base/etc/hydra-suite")" ]; then
    # From where debootstrap took the base.
    awk -v suite="$suite" '$1 == "deb" { print "deb", $2, suite, "main"; exit }' "$base/etc/apt/sources.list" \
      >"$root/etc/apt/sources.list.d/suite.list"
    printf 'Package: *\nPin: release n=%s\nPin-Priority: 100\n' "$suite" >"$root/etc/apt/preferences.d/suite"
    chroot "$root" apt-get -qq -o Acquire::Check-Valid-Until=false update
  fi
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -qq -y --no-install-recommends -t "$suite" install "$@" >/dev/null
fi
umount "$root/proc"
# Packages prepare their data folders, which official images leave empty.
tar -C "$root" --exclude=./var/cache/apt --exclude=./var/lib/apt/lists --exclude='./var/lib/mysql/*' --exclude='./var/lib/redis/*' --exclude='./var/lib/etcd/*' \
  --exclude=./usr/share/doc --exclude=./usr/share/man \
  --exclude=./usr/share/locale --exclude=./usr/sbin/policy-rc.d -cf "$archive.unfinished" .
mv "$archive.unfinished" "$archive"
