//! Has the dashboard's files embedded anew when they were built anew: their names change with what
//! is in them, which the compiler does not see.

fn main() {
    println!("cargo:rerun-if-changed=web/dist");
}
