# shellcheck shell=bash disable=SC2034 # what it sets is used by others
# A private Redis for the tests, on a free loopback port, with a password and without any file.
# Sourced after process.sh.

# redis_start LOG: sets REDIS_PID and REDIS_SERVER_URL.
redis_start() {
  local log=$1 password port try deadline
  password=$(random_hex 16)
  for try in 1 2 3 4 5; do
    port=$(free_port)
    : >"$log"
    # The settings go through standard input: a command line is for all to see. In English, since
    # its words are looked for below.
    LC_ALL=C LANGUAGE='' spawn "$(redis_user)" "$log" redis-server - <<CONF
bind 127.0.0.1
port $port
requirepass $password
save ""
appendonly no
dir /
CONF
    REDIS_PID=$SPAWNED
    deadline=$((SECONDS + 20))
    while alive "$REDIS_PID" && [ "$SECONDS" -lt "$deadline" ]; do
      if grep -q 'Ready to accept connections' "$log"; then
        REDIS_SERVER_URL=redis://default:$password@127.0.0.1:$port/
        return 0
      fi
      sleep 0.05
    done
    grep -q 'Address already in use' "$log" || break
    say "port $port was taken meanwhile (try $try)"
  done
  redis_stop
  die "Redis does not start; its last words:
$(tail -n 10 "$log")"
}

# Debian's package brings a user for it; nobody serves elsewhere.
redis_user() { if id redis >/dev/null 2>&1; then service_user redis; else service_user nobody; fi; }

# Ends the Redis that this script started, if it did.
redis_stop() {
  [ -n "${REDIS_PID:-}" ] && stop_process "$REDIS_PID" TERM 20 Redis
  REDIS_PID=''
}
