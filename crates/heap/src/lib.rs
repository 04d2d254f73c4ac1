//! Gives freed memory back to the system, the only thing in Papo that safe Rust cannot say. glibc
//! keeps what was freed for the next allocation, so that a process stays as large as it once was:
//! five thousand people who log in at nine would cost as much all day as in that minute.

/// Returns the heap's free pages to the system. It looks through the whole heap, which takes some
/// milliseconds per 100 MB and makes other threads' allocations wait meanwhile; so not often.
/// Does nothing where the C library is not glibc. Whether anything was returned.
pub fn release() -> bool {
    trim()
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's function is foreign")]
fn trim() -> bool {
    // SAFETY: malloc_trim has no preconditions and may be called by any thread at any time.
    unsafe { libc::malloc_trim(0) == 1 }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() -> bool {
    false
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::{fs, io};

    /// Resident memory in pages.
    fn resident() -> io::Result<u64> {
        let statm = fs::read_to_string("/proc/self/statm")?;
        let pages = statm.split(' ').nth(1).unwrap_or_default();
        pages.parse().map_err(io::Error::other)
    }

    #[test]
    fn what_was_freed_goes_back() -> io::Result<()> {
        // Small enough to come from the heap; every second one stays, so that nothing is returned
        // by itself.
        let mut blocks: Vec<Option<Vec<u8>>> = (0..8_000).map(|_| Some(vec![1; 16_384])).collect();
        let large = resident()?;
        for block in blocks.iter_mut().step_by(2) {
            *block = None;
        }
        super::release();
        let now = resident()?;
        assert!(now < large - large / 4, "{large} pages before, {now} after");
        drop(blocks);
        Ok(())
    }
}
