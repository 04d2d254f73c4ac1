# shellcheck shell=bash disable=SC2034 # what it sets is used by others
# Child processes and ports. Sourced after say.sh.
#
# Children run in sessions of their own, so that Ctrl-C reaches only the script, which then ends
# them in order; and the kernel ends them if the script itself is killed.

# The system user that services run as: databases refuse to run as root.
# Prints USER if we are root, else the one we are.
service_user() { if is_root; then printf '%s' "$1"; else id -un; fi; }

# as_user USER COMMAND...: in a folder that every user can enter.
as_user() {
  local user=$1
  shift
  if [ "$user" = "$(id -un)" ]; then
    (cd / && exec "$@")
  else
    (cd / && exec setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups -- "$@")
  fi
}

# spawn USER LOG COMMAND...: starts a service that reads this call's standard input; its output is
# appended to LOG. Sets SPAWNED. Call it from the script itself, not from a subshell: the child
# ends when the shell that started it does. File descriptor 9 holds the script's lock and must
# not live on in a child.
spawn() {
  local user=$1 log=$2 identity=()
  shift 2
  [ "$user" = "$(id -un)" ] ||
    identity=(--reuid="$user" --regid="$(id -gn "$user")" --init-groups)
  (
    [ ${#identity[@]} = 0 ] || cd /
    exec setsid setpriv "${identity[@]}" --pdeathsig TERM -- "$@"
  ) <&0 >>"$log" 2>&1 9>&- &
  SPAWNED=$!
}

# Whether process PID still runs. One that ended and waits to be reaped does not.
alive() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  stat=${stat##*) }
  [ "${stat%% *}" != Z ]
}

# stop_process PID SIGNAL SECONDS NAME: asks, waits, and kills what does not listen.
stop_process() {
  local pid=$1 signal=$2 deadline=$((SECONDS + $3)) name=$4
  kill -s "$signal" "$pid" 2>/dev/null || return 0
  while alive "$pid"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      say "$name did not stop within $3 s: killed"
      kill -s KILL "$pid" 2>/dev/null
      break
    fi
    sleep 0.1
  done
  wait "$pid" 2>/dev/null || true
}

# Whether something accepts connections on loopback port PORT.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The port that the file FILE names, if it names one that nobody listens on; else a free one.
kept_port() {
  local port=''
  [ ! -e "$1" ] || read -r port <"$1" || true
  if [[ $port =~ ^[1-9][0-9]{3,4}$ ]] && ! port_taken "$port"; then printf '%s' "$port"; else free_port; fi
}

# A loopback port that nobody listens on, below the range that the kernel hands out to clients.
# Another process may take it before it is bound: callers try again.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    port_taken "$port" || break
  done
  printf '%s' "$port"
}
