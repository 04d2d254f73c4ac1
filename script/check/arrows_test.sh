#!/usr/bin/env bash
# Tests arrows.sh, lock.sh, ratchets.sh and mutations.sh: plants what they forbid in a copy and
# sees it found.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
copy=$(mktemp -d "${TMPDIR:-/tmp}/papo-arrows.XXXXXX")
trap 'rm -rf "$copy"' EXIT

# Only what cargo, the greps and the patches read.
fresh_copy() {
  rm -rf "${copy:?}"/*
  tar -C "$root" -cf - Cargo.toml Cargo.lock src actors crates migrations tests | tar -C "$copy" -xf -
}

passed=0
# finds CHECK PART TEXT...: the check must fail on the copy and say every TEXT.
finds() {
  local check=$1 part=$2 text output
  shift 2
  if output=$("$here/$check" "$part" "$copy" 2>&1); then
    printf '%s passes, and should say: %s\n' "$check" "$*" >&2
    exit 1
  fi
  for text in "$@"; do
    if ! grep -qF -- "$text" <<<"$output"; then
      printf '%s should say "%s", but says:\n%s\n' "$check" "$text" "$output" >&2
      exit 1
    fi
    passed=$((passed + 1))
  done
  fresh_copy
}

# Adds a line to the [dependencies] of a crate's manifest.
depend() {
  sed -i "s/^\[dependencies\]$/[dependencies]\n$2/" "$copy/$1/Cargo.toml"
  grep -q "^$2$" "$copy/$1/Cargo.toml"
}

relock() { (cd "$copy" && cargo update --quiet --workspace --offline); }

# Puts code in front of a source file's own.
plant() {
  local file=$copy/$1
  mkdir -p "$(dirname "$file")"
  [ -e "$file" ] || : >"$file"
  printf '%s\n' "$2" | cat - "$file" >"$file.new"
  mv "$file.new" "$file"
}

fresh_copy
"$here/arrows.sh" all "$copy"
"$here/ratchets.sh" all "$copy" >/dev/null
"$here/lock.sh" all "$copy"
"$here/mutations.sh" all "$copy"
passed=4

depend crates/domain 'tokio.workspace = true'
depend actors 'papo-storage.workspace = true'
depend crates/emulator 'papo-whatsapp.workspace = true'
mkdir -p "$copy/crates/extra/src"
: >"$copy/crates/extra/src/lib.rs"
printf '[package]\nname = "papo-extra"\nversion = "0.1.0"\nedition = "2024"\n' >"$copy/crates/extra/Cargo.toml"
relock
finds arrows.sh crates 'papo-domain depends on tokio' 'papo-actors depends on diesel-async' \
  'papo-emulator depends on papo-whatsapp' 'papo-emulator depends on papo-domain' \
  "members differ: papo-extra"

# A renamed crate: its rule then names nothing, which must not pass as "nothing forbidden".
sed -i 's/^name = "papo-whatsapp"$/name = "papo-provider"/' "$copy/crates/whatsapp/Cargo.toml"
sed -i 's/^papo-whatsapp = .*/papo-whatsapp = { package = "papo-provider", path = "crates\/whatsapp" }/' "$copy/Cargo.toml"
relock
finds arrows.sh crates 'cargo tree -p papo-whatsapp failed'

plant actors/src/planted.rs 'use diesel::prelude::*;'
plant src/ws/upgrade.rs 'use actix_web_actors::ws;'
plant src/ws/planted.rs 'use papo_storage::Pool;'
plant src/http/planted.rs 'use papo_whatsapp::signature;'
plant crates/domain/src/utils.rs '//! Odds and ends.'
plant crates/domain/src/planted.rs 'use super::*;'
sed -i 's/^panic = "unwind"$/panic = "abort"/' "$copy/Cargo.toml"
finds arrows.sh sources 'actors/src/planted.rs:1: diesel is for' \
  'src/ws/upgrade.rs:1: actix_web_actors is fenced' 'src/ws/planted.rs:1: sockets and settings know' \
  'src/http/planted.rs:1: requests know no provider' 'crates/domain/src/utils.rs: a module is named' \
  "crates/domain/src/planted.rs:1: no 'use super::*'" 'Cargo.toml: panics must unwind'

# What is allowed at its place is found nowhere else: a comment, a test, the fenced file.
plant src/ws/session.rs 'use actix_web_actors::ws;'
plant crates/domain/src/planted.rs '// diesel::prelude is for others.'
plant crates/domain/src/planted/tests.rs 'use super::*;'
"$here/arrows.sh" sources "$copy"
passed=$((passed + 1))
fresh_copy

plant actors/src/planted.rs 'fn f(a: A) { a.do_send(1); a.do_send(2); }'
plant tests/it/planted.rs '#[ignore]'
plant src/planted.rs 'fn g() { let (a, b) = mpsc::unbounded_channel(); todo!() }'
finds ratchets.sh all '.do_send( ignores' '#[ignore and' 'every queue is bounded' 'unfinished code'

printf '\n[[package]]\nname = "%s"\nversion = "0.1.0"\n' openssl-sys pq-sys >>"$copy/Cargo.lock"
finds lock.sh all 'openssl-sys pq-sys'

# A guard that moved, and a test that was renamed.
mutant=$copy/tests/mutations/g00-planted.patch
printf '%s\n' 'guard: none' 'test: -p papo --lib nowhere::renamed' '' '--- a/Cargo.toml' \
  '+++ b/Cargo.toml' '@@ -1 +1 @@' '-a line that is gone' '+another' >"$mutant"
finds mutations.sh all 'g00-planted.patch no longer applies' 'a test that is not there: nowhere::renamed'
printf 'neither line\n' >"$mutant"
finds mutations.sh all "no line 'guard:'" "no line 'test:'"

printf 'arrows_test: %s passed, 0 failed\n' "$passed"
