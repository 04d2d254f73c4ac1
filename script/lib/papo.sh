# shellcheck shell=bash disable=SC2034 # what it sets is used by others
# A Papo for one run: settings as script/server makes them, on a private cluster, with secrets that
# nobody keeps; and starting the server and the emulator. Sourced after postgres.sh.

# papo_settings: exports what the commands of `papo` need, for the database `papo` on the cluster
# that postgres_start started. Settings that the caller has in the environment do not count: what is
# tested or measured is what a new installation has. Needs RUN (run_folder). Sets PAPO_PORT and
# EMULATOR_PORT.
papo_settings() {
  local role name host=${PG_URL##*@}
  for name in "${!PAPO__@}"; do unset "$name"; done
  PAPO_PORT=$(free_port)
  EMULATOR_PORT=$(free_port)
  export APP_ENV=development PAPO_CONFIG_DIR=$ROOT/config NO_COLOR=1
  export PAPO__DATABASE__ADMIN_URL=$PG_URL/postgres
  for role in owner app engine; do
    name=PAPO__DATABASE__${role^^}_URL
    export "$name=postgres://papo_$role:$(random_hex 24)@$host/papo"
  done
  export PAPO__SERVER__PORT=$PAPO_PORT
  export PAPO__SERVER__PUBLIC_URL=http://127.0.0.1:$PAPO_PORT
  export PAPO__WHATSAPP__GRAPH_URL=http://127.0.0.1:$EMULATOR_PORT
  export PAPO__SERVER__PHONE_URL=http://127.0.0.1:$EMULATOR_PORT
  export PAPO__MEDIA__FOLDER=$RUN/media
  PAPO__AUTH__ACCESS_SECRET=$(random_hex 32)
  PAPO__AUTH__REFRESH_SECRET=$(random_hex 32)
  PAPO__SECURITY__ENCRYPTION_KEY=$(head -c 32 /dev/urandom | base64 -w0)
  export PAPO__AUTH__ACCESS_SECRET PAPO__AUTH__REFRESH_SECRET PAPO__SECURITY__ENCRYPTION_KEY
}

# papo_start BIN LOGS: the server, from the binaries in BIN. Sets SERVER_PID.
papo_start() {
  # Every socket is a file to the kernel.
  ulimit -n "$(ulimit -Hn)"
  spawn "$(id -un)" "$2/server.log" "$1/papo" server </dev/null
  SERVER_PID=$SPAWNED
  wait_for_url 'the server' "$SERVER_PID" "$2/server.log" "http://127.0.0.1:$PAPO_PORT/health/live"
}

# emulator_start BIN LOGS [OPTION...]: WhatsApp, without any number unless an option gives it one.
# Sets EMULATOR_PID.
emulator_start() {
  spawn "$(id -un)" "$2/emulator.log" "$1/papo-emulator" --port "$EMULATOR_PORT" "${@:3}" </dev/null
  EMULATOR_PID=$SPAWNED
  wait_for_url 'the emulator' "$EMULATOR_PID" "$2/emulator.log" "http://127.0.0.1:$EMULATOR_PORT/"
}

# Ends both, if this script started them.
papo_stop() {
  [ -z "${SERVER_PID:-}" ] || stop_process "$SERVER_PID" TERM 30 'the server'
  [ -z "${EMULATOR_PID:-}" ] || stop_process "$EMULATOR_PID" TERM 10 'the emulator'
  SERVER_PID='' EMULATOR_PID=''
}

# wait_for_url NAME PID LOG URL: until it answers, for at most a minute.
wait_for_url() {
  local deadline=$((SECONDS + 60))
  until curl --noproxy '*' -fs -o /dev/null --max-time 2 "$4"; do
    alive "$2" || die "$1 has ended; its last words ($3):
$(tail -n 15 "$3")"
    [ "$SECONDS" -lt "$deadline" ] || die "$1 does not answer on $4; see $3"
    sleep 0.1
  done
}

# run_folder KIND: a folder of this run under $STATE, locked by file descriptor 9; those of runs
# that were killed go, with the PostgreSQL they may have left. Sets RUN.
run_folder() {
  local folder
  for folder in "$STATE/$1".*; do
    [ -e "$folder/lock" ] || continue
    (
      flock -n 8 || exit 0
      postgres_clear "$folder/postgres"
      rm -rf "$folder"
    ) 8>"$folder/lock"
  done
  RUN=$(mktemp -d "$STATE/$1.XXXXXX")
  chmod 711 "$RUN"
  exec 9>"$RUN/lock"
  flock -n 9
}
