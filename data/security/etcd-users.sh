#!/bin/sh
# Makes the users of the services in etcd, each of which may write only the records of its own kind, and turns
# authentication on.
#
#   ETCDCTL_ENDPOINTS=https://… ETCDCTL_CACERT=… ETCDCTL_CERT=… ETCDCTL_KEY=… \
#   ROOT_PASSWORD=… GATE_PASSWORD=… HTTP_PASSWORD=… GAME_PASSWORD=… CHAT_PASSWORD=… etcd-users.sh prod
#
# The argument is [cluster] env. etcdctl 3.4 or newer.
set -eu
env="${1:?the name of the cluster, as [cluster] env}"
export ETCDCTL_API=3

password_of() {
  printenv "$(echo "$1" | tr a-z A-Z)_PASSWORD"
}
# Before anything is made: what is half made would have to be taken away by hand.
for user in root gate http game chat; do
  [ -n "$(password_of "$user")" ] || { echo "$(echo "$user" | tr a-z A-Z)_PASSWORD is not set" >&2; exit 1; }
done

add_user() {
  printf '%s\n' "$2" | etcdctl user add "$1" --interactive=false
}

add_user root "${ROOT_PASSWORD:?}"
etcdctl user grant-role root root
for service in gate http game chat; do
  role="hydra-$env-$service"
  etcdctl role add "$role"
  etcdctl role grant-permission "$role" read --prefix=true "hydra/$env/servers/"
  etcdctl role grant-permission "$role" readwrite --prefix=true "hydra/$env/servers/$service/"
  add_user "$role" "$(password_of "$service")"
  etcdctl user grant-role "$role" "$role"
done
etcdctl auth enable
