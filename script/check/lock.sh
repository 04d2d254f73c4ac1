#!/usr/bin/env bash
# Proves that Cargo.lock holds nothing that deny.toml forbids everywhere, whoever asks for it.
# arrows.sh beside this file says who of ours may depend on whom; arrows_test.sh tests both.
#
#   script/check/lock.sh [all] [ROOT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${2:-$here/../..}"

# Those without a list of who may have them.
forbidden=$(sed -nE 's/^ *\{ crate = "([^"]+)", reason = .*/\1/p' "$here/../../deny.toml")
[ -n "$forbidden" ] || {
  echo 'lock: deny.toml forbids nothing: is it written in another way now?' >&2
  exit 1
}
found=$(sed -nE 's/^name = "(.*)"$/\1/p' Cargo.lock | grep -xF -- "$forbidden" || true)
[ -z "$found" ] || {
  printf 'lock: Cargo.lock holds what deny.toml forbids: %s\n' "${found//$'\n'/ }" >&2
  exit 1
}
