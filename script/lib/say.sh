# shellcheck shell=bash
# How scripts speak to a person, and what all of them start from. Sourced first.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export ROOT

# Progress, on standard error, so that a script's output stays its result. Never fails: who is on
# the way out must get there, also if nobody listens any more.
say() { printf '%s\n' "$*" >&2 2>/dev/null || true; }

# The reason for giving up, and the end.
die() {
  printf 'script/%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

# NUMBER random bytes, in hexadecimal.
random_hex() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }
