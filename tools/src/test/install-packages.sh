#!/bin/bash
# Installs Debian packages of servers without letting them start: bash install-packages.sh <package>...
# Not interruptible, because a half configured package is worse than a few seconds of patience; the download is done
# before, by the caller.
set -euo pipefail
trap '' INT TERM HUP

# Asked by every package before it starts its daemon; 101 means no. See /usr/share/doc/init-system-helpers.
policy=/usr/sbin/policy-rc.d
saved=$(mktemp -d)
if [ -e "$policy" ]; then cp -a "$policy" "$saved/policy"; fi
restore() {
  if [ -e "$saved/policy" ]; then mv -f "$saved/policy" "$policy"; else rm -f "$policy"; fi
  rm -rf "$saved"
}
trap restore EXIT
rm -f "$policy"
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get install -y -q --no-install-recommends --no-download -o DPkg::Lock::Timeout=120 "$@"

# Nor are they to start with the machine from now on.
if [ -d /run/systemd/system ]; then
  for package in "$@"; do
    for unit in $(dpkg -L "$package" | grep -E '/systemd/system/[^@]*\.service$' || true); do
      systemctl disable --quiet "$(basename "$unit")"
    done
  done
fi
