# shellcheck shell=bash
# Finding Rust and what it built. Sourced after say.sh.

# Puts cargo on the PATH. rustup chooses the version that rust-toolchain.toml names.
need_cargo() {
  have cargo || [ ! -x "${HOME:-/root}/.cargo/bin/cargo" ] || PATH=${HOME:-/root}/.cargo/bin:$PATH
  have cargo || die "Rust is missing: install rustup (https://rustup.rs, or Debian's package
rustup). It chooses the version that rust-toolchain.toml names."
}

# Where cargo puts what it builds.
target_dir() {
  local dir=${CARGO_TARGET_DIR:-target}
  case $dir in /*) printf '%s' "$dir" ;; *) printf '%s' "$ROOT/$dir" ;; esac
}
