//! The server as a process of its own, to be killed, stopped and woken.

use crate::api::Api;
use crate::wait::eventually;
use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A start takes no longer, on a busy machine.
const START: Duration = Duration::from_secs(60);
/// Lines of the log that are kept.
const LINES: usize = 400;
/// Ports below those that the system gives to clients, so that a restart finds its own free.
const PORTS: std::ops::Range<u16> = 20_000..31_000;

/// What to start.
#[derive(Clone, Debug)]
pub struct Plan {
    pub program: PathBuf,
    /// The first is the command, such as `server`.
    pub arguments: Vec<String>,
    pub variables: Vec<(String, String)>,
    /// Its port, which `/health/live` is asked at.
    pub port: u16,
}

/// A port that nobody listens on now and that no client is given.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    let process = u16::try_from(std::process::id() % u32::from(span))?;
    for _ in 0..span {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + (process.wrapping_mul(7).wrapping_add(step)) % span;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port")
}

/// A server that can be started, again and again. Killed when it is dropped; a test that panics
/// shows its last lines.
#[derive(Debug)]
pub struct ServerProcess {
    plan: Plan,
    child: Option<Child>,
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl ServerProcess {
    /// One that is not started yet.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            child: None,
            lines: Arc::default(),
        }
    }

    /// Starts it, each time on the same port with the same settings, and waits until it is live.
    ///
    /// # Errors
    /// It ends, or does not come up in time; with its last lines.
    pub async fn start(&mut self) -> Result<()> {
        let child = self.child.insert(spawn(&self.plan, &self.lines)?);
        let api = Api::at(format!("http://127.0.0.1:{}", self.plan.port))?;
        let live = eventually("the server is live", START, async || {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(Err(status)));
            }
            let answer = api.call(Method::GET, "/health/live", &[], None).await?;
            Ok((answer.status == 200).then_some(Ok(())))
        });
        match live.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(status)) => bail!("the server ended ({status}):\n{}", self.log()),
            Err(error) => Err(error.context(self.log())),
        }
    }

    fn running(&mut self) -> Result<&mut Child> {
        self.child.as_mut().context("the server was not started")
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn kill(&mut self) -> Result<()> {
        let child = self.running()?;
        child.kill().context("killing the server")?;
        child.wait().context("waiting for the server")?;
        Ok(())
    }

    /// Sends a signal, such as `TERM`, `STOP` or `CONT`.
    ///
    /// # Errors
    /// It cannot be sent.
    pub fn signal(&self, name: &str) -> Result<()> {
        let kill = format!("kill -{name} {}", self.id()?);
        let status = Command::new("sh").args(["-c", &kill]).status()?;
        ensure!(status.success(), "{kill}: {status}");
        Ok(())
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It goes on for longer than `patience`.
    pub async fn ended(&mut self, patience: Duration) -> Result<ExitStatus> {
        let child = self.running()?;
        eventually("the server ends", patience, async || Ok(child.try_wait()?)).await
    }

    /// Its process id.
    ///
    /// # Errors
    /// It was not started.
    pub fn id(&self) -> Result<u32> {
        let child = self.child.as_ref();
        child.map(Child::id).context("the server was not started")
    }

    /// The last lines it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.kill();
        if thread::panicking() {
            eprintln!("--- the server's last lines ---\n{}", self.log());
        }
    }
}

fn spawn(plan: &Plan, lines: &Arc<Mutex<VecDeque<String>>>) -> Result<Child> {
    let mut child = Command::new(&plan.program)
        .args(&plan.arguments)
        .env_clear()
        .envs(plan.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", plan.program.display()))?;
    let errors = child.stderr.take().context("no standard error")?;
    let lines = Arc::clone(lines);
    // Ends with the process: its side of the pipe closes.
    thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push_back(line);
            if lines.len() > LINES {
                lines.pop_front();
            }
        }
    });
    Ok(child)
}

/// The repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
