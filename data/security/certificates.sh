#!/bin/sh
# An authority of your own for the machines of one cluster, and certificates of it.
#
#   certificates.sh authority <folder>                      makes ca.pem and ca-key.pem, for ten years
#   certificates.sh issue <folder> <name> <names> [days]    makes <name>.pem and <name>-key.pem, for 397 days unless said
#
# <names> is what the machine is reached by: DNS:nats.internal,DNS:localhost,IP:10.0.0.5. The certificates are good for both
# sides of a connection. ca-key.pem can make a certificate for anybody: keep it off the machines of the cluster.
set -eu
umask 077
usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 64
}
# Says what openssl says only when it fails.
quietly() {
  told="$("$@" 2>&1)" || { echo "$told" >&2; exit 1; }
}
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
case "${1:-}" in
authority)
  [ $# -eq 2 ] || usage
  mkdir -p "$2"
  [ ! -e "$2/ca-key.pem" ] || { echo "$2/ca-key.pem is there already" >&2; exit 1; }
  # shellcheck disable=SC2086
  quietly openssl req -x509 $key -days 3650 -keyout "$2/ca-key.pem" -out "$2/ca.pem" -subj '/CN=Hydra cluster'
  ;;
issue)
  [ $# -eq 4 ] || [ $# -eq 5 ] || usage
  request="$2/$3.csr"
  extensions="$2/$3.ext"
  # What is there already is replaced when both are made: a key of one and a certificate of the other are of no use.
  new_key="$2/$3-key.pem.new"
  new_cert="$2/$3.pem.new"
  trap 'rm -f "$request" "$extensions" "$new_key" "$new_cert"' EXIT
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$4" >"$extensions"
  # shellcheck disable=SC2086
  quietly openssl req $key -keyout "$new_key" -out "$request" -subj "/CN=$3"
  quietly openssl x509 -req -in "$request" -CA "$2/ca.pem" -CAkey "$2/ca-key.pem" -CAcreateserial \
    -days "${5:-397}" -extfile "$extensions" -out "$new_cert"
  mv "$new_key" "$2/$3-key.pem"
  mv "$new_cert" "$2/$3.pem"
  ;;
*) usage ;;
esac
