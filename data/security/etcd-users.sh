#!/bin/sh
# Makes the users of the services in etcd, each of which may write only the records of its own kind, and turns
# authentication on.
#
#   ETCDCTL_ENDPOINTS=https://… ETCDCTL_CACERT=… ETCDCTL_CERT=… ETCDCTL_KEY=… \
#   ROOT_PASSWORD=… GATE_PASSWORD=… HTTP_PASSWORD=… GAME_PASSWORD=… CHAT_PASSWORD=… etcd-users.sh prod
#
# The argument is [cluster] env. May be run again: for another cluster in the same etcd, or to give users new passwords;
# who is there already with the same password stays logged in. ROOT_PASSWORD is that of the first time then. etcdctl 3.4
# or newer.
set -eu
env="${1:?the name of the cluster, as [cluster] env}"
export ETCDCTL_API=3
unset ETCDCTL_USER ETCDCTL_PASSWORD

password_of() {
  printenv "$(echo "$1" | tr a-z A-Z)_PASSWORD"
}
# Before anything is made: what is half made would have to be taken away by hand.
for user in root gate http game chat; do
  [ -n "$(password_of "$user")" ] || { echo "$(echo "$user" | tr a-z A-Z)_PASSWORD is not set" >&2; exit 1; }
done

# With authentication on only root may go on. With authentication off etcdctl is let in with any password: a wrong one tells.
if ETCDCTL_USER=root ETCDCTL_PASSWORD="not-$ROOT_PASSWORD" etcdctl user list >/dev/null 2>&1; then
  :
elif told="$(ETCDCTL_USER=root ETCDCTL_PASSWORD="$ROOT_PASSWORD" etcdctl user list 2>&1)"; then
  export ETCDCTL_USER=root ETCDCTL_PASSWORD="$ROOT_PASSWORD"
else
  case "$told" in
  *"authentication is not enabled"*) ;;
  *) echo "$told" >&2; exit 1 ;;
  esac
fi

# A password that is set, also to what it was, ends the logins of its user.
has_password() {
  [ -n "${ETCDCTL_USER:-}" ] &&
    ETCDCTL_USER="$1" ETCDCTL_PASSWORD="$2" etcdctl get --prefix --keys-only --limit=1 "hydra/$env/servers/" >/dev/null 2>&1
}
set_user() {
  if ! etcdctl user get "$1" >/dev/null 2>&1; then
    printf '%s\n' "$2" | etcdctl user add "$1" --interactive=false
  elif ! has_password "$1" "$2"; then
    printf '%s\n' "$2" | etcdctl user passwd "$1" --interactive=false
  fi
}

set_user root "$ROOT_PASSWORD"
etcdctl user grant-role root root
for service in gate http game chat; do
  role="hydra-$env-$service"
  etcdctl role get "$role" >/dev/null 2>&1 || etcdctl role add "$role"
  etcdctl role grant-permission "$role" read --prefix=true "hydra/$env/servers/"
  etcdctl role grant-permission "$role" readwrite --prefix=true "hydra/$env/servers/$service/"
  set_user "$role" "$(password_of "$service")"
  etcdctl user grant-role "$role" "$role"
done
etcdctl auth enable
