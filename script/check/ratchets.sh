#!/usr/bin/env bash
# Counts what may only become rarer. A count above its bound fails; when one has fallen, lower
# its bound here in the same commit.
#
#   script/check/ratchets.sh [all] [ROOT]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=script/lib/code.sh
. "$here/../lib/code.sh"
cd "${2:-$here/../..}"

faults=0
code=$(code_lines)

# at_most BOUND PATTERN SCOPE WHY: occurrences of the extended regular expression PATTERN in the
# code of files whose path matches SCOPE.
at_most() {
  local bound=$1 pattern=$2 scope=$3 why=$4 hits count
  hits=$(grep -E -- "^($scope)[^:]*:[0-9]+:.*($pattern)" <<<"$code" || true)
  count=$(cut -d: -f3- <<<"$hits" | { grep -oE -- "$pattern" || true; } | wc -l)
  if [ "$count" -gt "$bound" ]; then
    printf 'ratchets: %s, %s at most: %s\n%s\n' "$count" "$bound" "$why" "$hits" >&2
    faults=$((faults + 1))
  elif [ "$count" -lt "$bound" ]; then
    printf 'ratchets: only %s left of %s: lower its bound to that\n' "$count" "$pattern"
  fi
}

everywhere=''
product='(src|actors/src|crates/(domain|storage|whatsapp|emulator)/src)/'

at_most 1 '\.do_send\(' "$everywhere" \
  '.do_send( ignores the mailbox bound; the one exception is the exit report of a dying actor'
at_most 0 '\bunbounded_channel\b|\bUnboundedSender\b|\bunbounded\(' "$product" \
  'every queue is bounded'
at_most 0 '\bSyncArbiter\b|\bSyncContext\b|\bactix::Supervisor\b|\bSupervisor::start' "$everywhere" \
  'SyncArbiter and Supervisor of actix do not survive a panic (docs/adr/0001-actors-and-lanes.md)'
at_most 0 '\bAtomicResponse\b' "$everywhere" \
  'AtomicResponse keeps a takeover waiting behind I/O'
at_most 0 '#!?\[allow\(' "$everywhere" \
  '#[allow( outlives its reason: use #[expect(lint, reason = "…")]'
at_most 0 '#\[ignore|#\[serial' "$everywhere" \
  '#[ignore and #[serial: a test runs always, and beside all others'
at_most 0 '\btodo!\(|\bunimplemented!\(|\bdbg!\(' "$everywhere" \
  'unfinished code'
at_most 0 'thread::sleep\(' "$product" \
  'thread::sleep( stops a whole arbiter'

# Comments and pages cite only what a reader has.
cited='\b(AUTH|TEN|API|SEC|RT|HO)-[0-9]{3}\b|ARCHITECTURE §|\bHOUSE\b|\bENGINE-FACTS\b'
cited="$cited|\\bexternal-apis\\b|\\brequirements (§|[A-Z]{2,}\\b)|\\b[Tt]he sources\\b"
hits=$(grep -rnsE --exclude-dir=node_modules --exclude=ratchets.sh -- "$cited" \
  src actors crates tests migrations config docs load-tests script ./*.md || true)
if [ -n "$hits" ]; then
  printf 'ratchets: these cite pages that are not in the repository\n%s\n' "$hits" >&2
  faults=$((faults + 1))
fi

[ "$faults" = 0 ] || exit 1
