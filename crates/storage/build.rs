//! Embedded migrations follow their folder.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
