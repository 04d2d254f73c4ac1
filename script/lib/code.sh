# shellcheck shell=bash
# Rust code as the checks read it. Sourced by script/check/*.sh in the root of the tree.

# Every line of the product's Rust files, tests included, as path:number:code, without comments.
code_lines() {
  # shellcheck disable=SC2016 # the program is awk's
  find src actors crates tests -name '*.rs' -type f 2>/dev/null | sort |
    xargs -r awk '{ sub(/\/\/.*/, ""); print FILENAME ":" FNR ":" $0 }'
}
