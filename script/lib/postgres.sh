# shellcheck shell=bash disable=SC2034 # what it sets is used by others
# A private PostgreSQL cluster: found, created, started on a free loopback port, stopped. Sourced
# after process.sh. It never runs as root and never touches a cluster of the system.
#
# Clusters are of two kinds. A `durable` one keeps people's data: it keeps PostgreSQL's own
# promises and lets nobody in without a password. A `throwaway` one lives for one run of the tests
# and holds nothing: it trusts this machine's users, since tests make roles without passwords, and
# does not wait for the disk.

POSTGRES_MINIMUM=15

# Whom clusters belong to: Debian's package brings a user for it; nobody serves elsewhere.
postgres_user() { if id postgres >/dev/null 2>&1; then service_user postgres; else service_user nobody; fi; }

# Prints the bin folder of major version VERSION; without one, of the newest that is new enough.
postgres_bin() {
  local wanted=${1:-} best='' best_version=0 dir version
  for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    "$(dirname "$(readlink -f "$(command -v postgres || echo /)")")"; do
    [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_isready" ] || continue
    version=$("$dir/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    [ "$version" = "${wanted:-$version}" ] || continue
    if [ "$version" -ge "$POSTGRES_MINIMUM" ] && [ "$version" -gt "$best_version" ]; then
      best=$dir best_version=$version
    fi
  done
  printf '%s' "$best"
}

# postgres_create DIR KIND PASSWORD: a new cluster whose superuser is postgres. An interrupted
# attempt leaves DIR.new behind, never a half-made DIR.
postgres_create() {
  local dir=$1 kind=$2 password=$3 bin pwfile options=(--auth=scram-sha-256)
  bin=$(postgres_bin)
  [ -n "$bin" ] || die "no PostgreSQL $POSTGRES_MINIMUM or newer: run script/bootstrap"
  [ "$kind" = throwaway ] && options=(--auth=trust --no-sync)
  rm -rf "$dir.new"
  mkdir -m 700 "$dir.new"
  pwfile=$dir.new.password
  (umask 077 && printf '%s\n' "$password" >"$pwfile")
  is_root && chown "$PG_USER" "$dir.new" "$pwfile"
  LC_ALL=C as_user "$PG_USER" "$bin/initdb" --pgdata="$dir.new" --username=postgres \
    --pwfile="$pwfile" --encoding=UTF8 --locale=C.UTF-8 "${options[@]}" \
    >"$dir.initdb.log" 2>&1 || {
    rm -f "$pwfile"
    die "initdb failed: $(tail -n 5 "$dir.initdb.log")"
  }
  rm -f "$pwfile" "$dir.initdb.log"
  echo "include 'papo.conf'" | as_user "$PG_USER" tee -a "$dir.new/postgresql.conf" >/dev/null
  mv "$dir.new" "$dir"
}

# The settings of KIND. With the durable ones an acknowledged message survives a power cut.
postgres_settings() {
  cat <<CONF
max_connections = 300
shared_buffers = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
lc_messages = 'C'
CONF
  if [ "$1" = throwaway ]; then
    cat <<CONF
fsync = off
full_page_writes = off
synchronous_commit = off
max_wal_size = 2GB
checkpoint_timeout = 30min
CONF
  else
    cat <<CONF
fsync = on
full_page_writes = on
synchronous_commit = on
max_wal_size = 4GB
min_wal_size = 256MB
checkpoint_timeout = 15min
CONF
  fi
}

# Ends what still runs on DIR (a script was killed), and removes a postmaster.pid whose process
# is gone: its number may belong to a stranger by now. PostgreSQL changes into its data folder,
# so that is how its processes are known.
postgres_clear() {
  local dir=$1 pid socket
  [ -e "$dir/postmaster.pid" ] || return 0
  pid=$(sed -n 1p "$dir/postmaster.pid")
  socket=$(sed -n 5p "$dir/postmaster.pid")
  if [ "$(readlink "/proc/$pid/cwd")" = "$dir" ]; then
    say "ending a PostgreSQL that was left behind on $dir"
    stop_process "$pid" INT 60 PostgreSQL
  fi
  rm -f "$dir/postmaster.pid"
  [[ ! $socket =~ ^/tmp/papo-pg\.[A-Za-z0-9]{6}$ ]] || rm -rf "$socket"
}

# postgres_start DIR KIND PASSWORD: sets PG_PID, PG_PORT and PG_URL (the superuser's, without a
# database). Needs PG_USER. The port is kept in DIR.port and is the same the next time, if it is
# free: addresses that somebody noted stay right. The socket lies in a short path of its own, since
# a path over 107 bytes is refused.
postgres_start() {
  local dir=$1 kind=$2 password=$3 bin version log=$1.log try deadline
  [ -d "$dir" ] || postgres_create "$dir" "$kind" "$password"
  version=$(as_user "$PG_USER" cat "$dir/PG_VERSION") ||
    die "$dir cannot be read by $PG_USER: it belongs to $(stat -c %U "$dir")"
  bin=$(postgres_bin "$version")
  [ -n "$bin" ] ||
    die "$dir was made by PostgreSQL $version, which is not installed any more"
  postgres_clear "$dir"
  postgres_settings "$kind" | as_user "$PG_USER" tee "$dir/papo.conf" >/dev/null
  # A script that was killed leaves its socket's folder behind, empty.
  find /tmp -maxdepth 1 -name 'papo-pg.*' -type d -empty -mmin +1 -delete 2>/dev/null || true
  PG_SOCKET=$(mktemp -d /tmp/papo-pg.XXXXXX)
  chmod 711 "$PG_SOCKET"
  is_root && chown "$PG_USER" "$PG_SOCKET"
  for try in 1 2 3 4 5; do
    PG_PORT=$(kept_port "$dir.port")
    : >"$log"
    spawn "$PG_USER" "$log" "$bin/postgres" -D "$dir" -p "$PG_PORT" -k "$PG_SOCKET" \
      -c listen_addresses=127.0.0.1 </dev/null
    PG_PID=$SPAWNED
    deadline=$((SECONDS + 60))
    while alive "$PG_PID" && [ "$SECONDS" -lt "$deadline" ]; do
      if "$bin/pg_isready" -q -h 127.0.0.1 -p "$PG_PORT"; then
        PG_URL=postgres://postgres:$password@127.0.0.1:$PG_PORT
        printf '%s\n' "$PG_PORT" >"$dir.port"
        return 0
      fi
      sleep 0.1
    done
    grep -q 'could not bind' "$log" || break
    say "port $PG_PORT was taken meanwhile (try $try)"
    rm -f "$dir.port"
  done
  postgres_stop
  die "PostgreSQL does not start; its last words:
$(tail -n 10 "$log")"
}

# Ends the cluster that this script started, if it did. `immediate` for one that is thrown away.
postgres_stop() {
  local signal=INT
  [ "${1:-}" = immediate ] && signal=QUIT
  [ -n "${PG_PID:-}" ] && stop_process "$PG_PID" "$signal" 60 PostgreSQL
  [ -n "${PG_SOCKET:-}" ] && rm -rf "$PG_SOCKET"
  PG_PID='' PG_SOCKET=''
}
