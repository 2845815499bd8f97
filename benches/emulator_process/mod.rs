//! The emulator as a process of its own, so that a benchmark measures the client alone.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Killed when it is dropped.
pub(crate) struct EmulatorProcess(Child);

impl EmulatorProcess {
    /// Builds and starts it with one queue, and says how to connect.
    pub(crate) fn start(queue: &str) -> Result<(Self, String), Box<dyn Error>> {
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--release",
                "--offline",
                "-p",
                "servicebus-emulator",
            ])
            .status()?;
        if !built.success() {
            return Err("the emulator was not built".into());
        }
        // The benchmark lies in target/release/deps.
        let deps = env::current_exe()?;
        let release: PathBuf = deps.ancestors().nth(2).ok_or("no target folder")?.into();
        let mut child = Command::new(release.join("servicebus-emulator"))
            .args(["--port", "0", "--http-port", "0", "--queue", queue])
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the emulator has no output")?;
        let emulator = EmulatorProcess(child);
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if let Some(start) = line.find("Endpoint=") {
                return Ok((emulator, line[start..].trim().to_owned()));
            }
        }
        Err("the emulator printed no connection string".into())
    }
}

impl Drop for EmulatorProcess {
    fn drop(&mut self) {
        // It may have ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
