#!/usr/bin/env bash
# Proves that every patch of tests/mutations still takes its guard away, as far as that shows
# without a build: it applies to the tree as it is, and there is a test, or a module of tests, with
# the name of the one that is to fail. Changes nothing. The rest is shown by script/mutate.
#
#   script/check/mutations.sh [all] [ROOT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${2:-$here/../..}"

# A tree inside another repository is not that repository's: paths begin here.
GIT_CEILING_DIRECTORIES=$(dirname "$(pwd -P)")
export GIT_CEILING_DIRECTORIES

faults=0
fault() {
  printf 'mutations: %s\n' "$*" >&2
  faults=$((faults + 1))
}

# What a test's path may end in: a test, or a module of tests, by the beginning of its name.
names=$({
  grep -rhoE --include='*.rs' '\b(fn|mod) [a-z0-9_]+' src actors crates tests | cut -d' ' -f2
} | sort -u)

count=0
for patch in tests/mutations/*.patch; do
  [ -e "$patch" ] || break
  count=$((count + 1))
  name=${patch##*/}
  if ! why=$(git apply --check "$patch" 2>&1); then
    fault "$name no longer applies: ${why//$'\n'/; }"
  fi
  grep -q '^guard: *[^ ]' "$patch" || fault "$name has no line 'guard:'"
  test=$(sed -n 's/^test: *//p' "$patch" | head -n 1)
  [ -n "$test" ] || fault "$name has no line 'test:'"
  test=${test##* }
  test=${test%::}
  grep -q "^${test##*::}" <<<"$names" || fault "$name names a test that is not there: $test"
done
[ "$count" -gt 0 ] || fault 'there are none'

[ "$faults" = 0 ] || exit 1
