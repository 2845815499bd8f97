//! The emulator as a process of its own, and what the system says about it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program that cargo built beside this one.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_servicebus-emulator");

/// A running emulator; it ends with its owner.
pub(crate) struct Process {
    child: Child,
    pub(crate) port: u16,
}

impl Process {
    /// Starts it on free ports; ready when this returns.
    pub(crate) fn start(queues: &[String]) -> Self {
        let queues = queues.iter().flat_map(|queue| ["--queue", queue]);
        let mut child = Command::new(PROGRAM)
            .args(["--port", "0", "--http-port", "0"])
            .args(queues)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let rest = line.strip_prefix("Endpoint=sb://localhost:").unwrap();
        let port = rest.split(';').next().unwrap().parse().unwrap();
        Self { child, port }
    }

    /// The memory that it has in use, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = fs::read_to_string(self.file("status")).unwrap();
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next())
            .unwrap();
        kilobytes.parse::<u64>().unwrap() * 1_024
    }

    /// The processor time that it has used so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let threads = fs::read_dir(self.file("task")).unwrap();
        let nanoseconds = threads.map(|thread| {
            let text = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            text.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join(name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which whoever used it has noticed.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}
