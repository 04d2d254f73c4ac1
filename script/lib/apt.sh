# shellcheck shell=bash
# Installing Debian packages without side effects on the machine. Sourced after say.sh.

# Whether we may install: as root, or by sudo without asking, or by sudo with a person to ask.
may_install() {
  have apt-get || return 1
  is_root && return 0
  have sudo || return 1
  sudo -n true 2>/dev/null || [ -t 0 ]
}

as_root() { if is_root; then "$@"; else sudo "$@"; fi; }

# Brings the package lists up to date.
apt_refresh() { as_root apt-get update -qq >&2 </dev/null; }

# apt_install PACKAGE...: no service is started by it, and no cluster of PostgreSQL is created.
# Both would happen by Debian's defaults, and occupy ports that are not ours to take.
apt_install() {
  say "installing: $*"
  as_root bash -s -- "$@" <<'ROOT_PART' >&2
set -euo pipefail
policy=/usr/sbin/policy-rc.d ours='' log=$(mktemp)
trap '[ -z "$ours" ] || rm -f "$policy"; rm -f "$log"' EXIT
if [ ! -e "$policy" ]; then
  ours=1
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
case " $* " in
*" postgresql "*)
  mkdir -p /etc/postgresql-common/createcluster.d
  cat >/etc/postgresql-common/createcluster.d/papo.conf <<'CONF'
# Written by Papo's script/bootstrap before it installed PostgreSQL: its clusters are private, so
# no cluster "main" on port 5432 is wanted. Remove this file if you want one by default.
create_main_cluster = false
CONF
  ;;
esac
export DEBIAN_FRONTEND=noninteractive
if ! apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
  cat "$log"
  exit 1
fi
case " $* " in
*" redis-server "*)
  # Nor at the next start of the machine.
  if [ -d /run/systemd/system ]; then
    systemctl disable -q redis-server
  elif command -v update-rc.d >/dev/null; then
    update-rc.d redis-server disable
  fi
  ;;
esac
ROOT_PART
}

# The major version that `apt-get install postgresql` would bring; 0 if there is none.
apt_postgres_version() {
  local version
  version=$(LC_ALL=C LANGUAGE='' apt-cache policy postgresql | sed -nE 's/^ *Candidate: *([0-9]+).*/\1/p')
  printf '%s' "${version:-0}"
}
