//! The `papo` command. A plain `main`: the actors' system and the storage runtime are both
//! started by hand, since each has its own threads.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match papo::run(papo::cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("papo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
