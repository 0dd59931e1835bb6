#!/bin/sh
# As the official image's entrypoint, so far as docker-compose.yml uses it: begins as root, gives the folders to `mysql`,
# goes on as that user, and on an empty volume makes database and user with the port closed.
set -eu
if [ "${1#-}" != "$1" ]; then set -- mysqld "$@"; fi
if [ "$(id -u)" = 0 ]; then
  chown -R mysql:mysql /var/lib/mysql /var/run/mysqld
  exec setpriv --reuid=mysql --regid=mysql --clear-groups "$0" "$@"
fi
server=$(command -v mariadbd || command -v mysqld)
shift
socket=/var/run/mysqld/mysqld.sock
data=/var/lib/mysql
sql() { "$(command -v mariadb || command -v mysql)" --no-defaults --socket="$socket" -u root "$@"; }
if [ ! -d "$data/mysql" ]; then
  if command -v mariadb-install-db >/dev/null; then
    mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  else
    mysqld --no-defaults --initialize-insecure --datadir="$data"
  fi
  "$server" --no-defaults --datadir="$data" --socket="$socket" --skip-networking "$@" &
  until sql -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done
  sql -e "CREATE DATABASE \`$MYSQL_DATABASE\`;
    CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
    GRANT ALL ON \`$MYSQL_DATABASE\`.* TO '$MYSQL_USER'@'%';
    ALTER USER root@localhost IDENTIFIED BY '$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')'"
  kill %1 2>/dev/null || kill $!
  wait
fi
exec "$server" --no-defaults --datadir="$data" --socket="$socket" "$@"
