//! A digest of the migrations that this build embeds. Read at run time, a binary that is older
//! than the folder would make a template under the new digest with the old schema in it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::{fs, io};

const MIGRATIONS: &str = "../../migrations";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={MIGRATIONS}");
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in fs::read_dir(MIGRATIONS)? {
        let path = folder?.path();
        if path.is_dir() {
            files.push(path.join("up.sql"));
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    println!("cargo:rustc-env=MIGRATIONS_DIGEST={:016x}", hasher.finish());
    Ok(())
}
