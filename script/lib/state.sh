# shellcheck shell=bash disable=SC2034 # what it sets is used by others
# Where a clone keeps what outlives a run: its database and its generated secrets. Sourced after
# process.sh.

# Sets STATE. It is PAPO_DATA (default ./data), or, where the database's user cannot enter that
# path (a clone under a folder of root's), a folder of its own under /var/lib/papo, named after
# the path, so that two clones never share one.
find_state() {
  local user=$1 wanted=${PAPO_DATA:-$ROOT/data} ancestor
  case $wanted in /*) ;; *) wanted=$PWD/$wanted ;; esac
  wanted=$(realpath -m "$wanted")
  ancestor=$wanted
  until [ -d "$ancestor" ]; do ancestor=$(dirname "$ancestor"); done
  if as_user "$user" test -x "$ancestor"; then
    STATE=$wanted
  else
    STATE=/var/lib/papo/$(printf '%s' "$wanted" | sha256sum | cut -c1-12)
  fi
  # Others may pass through to the database's folder, whatever our umask says; secrets are files
  # of mode 600.
  (umask 022 && mkdir -p "$STATE") ||
    die "cannot create $STATE: set PAPO_DATA to a folder of your own"
  [ -O "$STATE" ] ||
    die "$STATE belongs to $(stat -c %U "$STATE"): run as that user, or set PAPO_DATA"
  chmod 711 "$STATE"
  as_user "$user" test -x "$STATE" ||
    die "$user, whom the database runs as, cannot enter $STATE: a folder above it is closed to
others (chmod 755 opens it), or set PAPO_DATA"
}

# One running script/server for one state folder.
lock_state() {
  exec 9>"$STATE/lock"
  flock -n 9 || die "another script/server runs on $STATE"
}

# secret NAME BYTES [base64]: prints the value kept under NAME, made up the first time.
secret() {
  local file=$STATE/secrets value
  [ -e "$file" ] || (umask 077 && : >"$file")
  value=$(sed -n "s/^$1=//p" "$file")
  if [ -z "$value" ]; then
    if [ "${3:-hex}" = base64 ]; then
      value=$(head -c "$2" /dev/urandom | base64 -w0)
    else
      value=$(random_hex "$2")
    fi
    printf '%s=%s\n' "$1" "$value" >>"$file"
  fi
  printf '%s' "$value"
}

# Exports each variable of the file FILE that is not set yet. Lines are NAME=value, taken as they
# are but for one pair of quotes around the value; nothing in them is executed.
load_env_file() {
  local line name value
  while IFS= read -r line || [ -n "$line" ]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
    [ -n "${!name+set}" ] || export "$name=$value"
  done <"$1"
}
