//! The file that an emulator's chats outlive it in: read before it serves, written a moment after
//! a change and once more at the end. Each time it is written whole and put in place by a rename,
//! so that a reader never sees half of it. What it holds is in `world::Saved`.

use crate::shared::Shared;
use crate::world::Saved;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// What a crash may cost: changes within this time are written together.
const PAUSE: Duration = Duration::from_millis(500);
/// Of the time, writing a large world takes one part in so many.
const SHARE: u32 = 20;

/// What an earlier run left at `path`, if there was one.
pub(crate) fn read(path: &Path) -> io::Result<Option<Saved>> {
    match File::open(path) {
        Ok(file) => Ok(Some(serde_json::from_reader(BufReader::new(file))?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the world to `path` after every change from now on, and a last time when `end` is used
/// or dropped.
pub(crate) fn keep(
    shared: Arc<Shared>,
    path: PathBuf,
    mut end: oneshot::Receiver<()>,
) -> impl Future<Output = ()> {
    // Not first when the future is polled: somebody may have said something by then.
    let mut changes = shared.changes();
    async move {
        let mut pause = PAUSE;
        loop {
            let ended = tokio::select! {
                _ = &mut end => true,
                _ = changes.changed() => tokio::select! {
                    _ = &mut end => true,
                    () = sleep(pause) => false,
                },
            };
            changes.borrow_and_update();
            let began = Instant::now();
            let (saved, to) = (shared.quietly(|world| world.saved()), path.clone());
            let written = tokio::task::spawn_blocking(move || write(&to, &saved)).await;
            if let Err(error) = written.map_err(io::Error::other).flatten() {
                tracing::warn!("{} cannot be written: {error}", path.display());
            }
            if ended {
                return;
            }
            pause = PAUSE.max(began.elapsed() * SHARE);
        }
    }
}

fn write(path: &Path, saved: &Saved) -> io::Result<()> {
    let mut new = OsString::from(path);
    new.push(".new");
    let mut options = OpenOptions::new();
    // People's words are for nobody else to read.
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = BufWriter::new(options.open(&new)?);
    serde_json::to_writer(&mut file, saved)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    fs::rename(&new, path)
}
