#!/usr/bin/env bash
# Proves the arrows between crates and folders: who may know whom. docs/ARCHITECTURE.md has the
# map. arrows_test.sh beside this file plants forbidden arrows and sees them found.
#
#   script/check/arrows.sh [all|crates|sources] [ROOT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=script/lib/code.sh
. "$here/../lib/code.sh"
part=${1:-all}
cd "${2:-$here/../..}"

faults=0
fault() {
  printf 'arrows: %s\n' "$*" >&2
  faults=$((faults + 1))
}

# --- Crates: what each may not depend on, directly or through others. ------------------------
# A name stands for its family too: `diesel` forbids diesel_migrations and diesel-async.

rules() {
  cat <<'RULES'
papo-domain       tokio actix futures diesel deadpool redis reqwest hyper tracing papo papo-actors papo-storage papo-whatsapp papo-emulator papo-cache papo-test-support
papo-actors       actix-web actix-http diesel deadpool tokio-postgres redis reqwest papo papo-storage papo-whatsapp papo-emulator papo-cache papo-test-support
papo-storage      actix reqwest redis papo papo-actors papo-whatsapp papo-emulator papo-cache papo-test-support
papo-whatsapp     actix diesel deadpool tokio-postgres redis papo papo-actors papo-storage papo-emulator papo-cache papo-test-support
papo-cache        actix diesel tokio-postgres reqwest hyper papo papo-actors papo-storage papo-whatsapp papo-emulator papo-test-support
papo-emulator     diesel deadpool tokio-postgres redis papo papo-domain papo-actors papo-storage papo-whatsapp papo-cache papo-test-support
papo-test-support papo
papo              papo-emulator papo-test-support openssl-sys aws-lc-sys pq-sys
RULES
}

crate_arrows() {
  local crate forbidden name found tree members ruled
  while read -r crate forbidden; do
    # A tree that cannot be made, or an empty one, proves nothing: a misspelt name must fail.
    if ! tree=$(cargo tree --locked --quiet -p "$crate" -e normal --prefix none --all-features); then
      fault "cargo tree -p $crate failed"
      continue
    fi
    [ "$(awk 'NR == 1 { print $1 }' <<<"$tree")" = "$crate" ] && [ "$(wc -l <<<"$tree")" -gt 1 ] ||
      fault "cargo tree -p $crate does not list its dependencies"
    # Names only, without the crate itself.
    tree=$(awk -v self="$crate" '$1 != self { print $1 }' <<<"$tree" | sort -u)
    for name in $forbidden; do
      case $name in papo*) ;; *) name="$name([-_].*)?" ;; esac
      while read -r found; do
        fault "$crate depends on $found"
      done < <(grep -xE -- "$name" <<<"$tree")
    done
  done < <(rules)

  # Every member of the workspace has a rule, and every rule a member.
  members=$(cargo tree --locked --quiet --workspace --depth 0 --prefix none | awk 'NF { print $1 }' | sort -u)
  ruled=$(rules | awk '{ print $1 }' | sort -u)
  [ "$members" = "$ruled" ] ||
    fault "the rules above and the workspace's members differ: $(
      comm -3 <(echo "$members") <(echo "$ruled") | tr -s '\t\n' ' '
    )"
}

# --- Folders: what may stand in which file. --------------------------------------------------

# only_in PATTERN WHERE WHY: code that matches the extended regular expression PATTERN stands
# only in files whose path matches WHERE.
only_in() {
  local pattern=$1 where=$2 why=$3 path line
  while IFS=: read -r path line _; do
    fault "$path:$line: $why"
  done < <(grep -E -- ":[0-9]+:.*($pattern)" <<<"$code" | grep -vE -- "^($where)")
}

# never_in PATTERN WHERE WHY: the reverse.
never_in() {
  local pattern=$1 where=$2 why=$3 path line
  while IFS=: read -r path line _; do
    fault "$path:$line: $why"
  done < <(grep -E -- "^($where).*($pattern)" <<<"$code")
}

source_arrows() {
  local code path line
  code=$(code_lines)
  [ -n "$code" ] || fault "no Rust code found under $PWD"

  only_in '\bactix_web_actors\b' 'src/ws/session\.rs:' \
    'actix_web_actors is fenced in src/ws/session.rs (docs/adr/0002-websocket-exit.md)'
  only_in '\bdiesel(_async|_migrations)?::' 'crates/storage/' \
    'diesel is for crates/storage only'
  never_in '\bpapo_(storage|whatsapp)\b' 'src/(ws|config)[/.]' \
    'sockets and settings know neither storage nor provider'
  never_in '\bpapo_whatsapp\b' 'src/http[/.]' \
    'requests know no provider'

  # Wildcards from the parent hide where a name comes from; tests may use them.
  while IFS=: read -r path line _; do
    fault "$path:$line: no 'use super::*' outside of tests"
  done < <(awk -F: '
    $3 ~ /#\[cfg\(test\)\]/ { test[$1] = 1 }
    /use super::\*/ && $1 !~ /(^|\/)tests(\/|\.rs$)/ && !test[$1]' <<<"$code")

  while read -r path; do
    fault "$path: a module is named after what it does, not utils, helpers, common or misc"
  done < <(find src actors crates tests 2>/dev/null | grep -E '/(utils?|helpers?|common|misc|prelude)(\.rs)?$')

  while read -r path; do
    fault "$path: panics must unwind, supervision depends on it"
  done < <(grep -lE '^[^#]*panic *= *"abort"' Cargo.toml actors/Cargo.toml crates/*/Cargo.toml .cargo/config.toml 2>/dev/null)
}

case $part in
all)
  crate_arrows
  source_arrows
  ;;
crates) crate_arrows ;;
sources) source_arrows ;;
*)
  printf 'unknown part %s: all, crates or sources\n' "$part" >&2
  exit 2
  ;;
esac
[ "$faults" = 0 ] || exit 1
