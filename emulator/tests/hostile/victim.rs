//! The emulator as a process of its own, so that its memory is not that of the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use servicebus_amqp::types::messaging::{Accepted, DeliveryState};

use crate::client::{data, Client};

/// The queue that is attacked, and the one that nobody attacks.
pub(crate) const QUEUE: &str = "attacked";
const OTHER_QUEUE: &str = "other";

const MEGABYTE: u64 = 1_000_000;

/// A running emulator; it ends with its owner.
pub(crate) struct Victim {
    child: Child,
    pub(crate) port: u16,
    /// Somebody else, who was there before.
    witness: Option<Client>,
    at_rest: u64,
}

impl Victim {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
            .args(["--port", "0", "--http-port", "0"])
            .args(["--queue", QUEUE, "--queue", OTHER_QUEUE])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let rest = line.strip_prefix("Endpoint=sb://localhost:").unwrap();
        let port = rest.split(';').next().unwrap().parse().unwrap();
        let mut victim = Self {
            child,
            port,
            witness: None,
            at_rest: 0,
        };
        victim.witness = Some(Client::authorized(port, OTHER_QUEUE));
        victim.assert_serves();
        victim.attack_begins();
        victim
    }

    /// Memory is counted from here on.
    pub(crate) fn attack_begins(&mut self) {
        self.at_rest = self.resident();
    }

    /// Somebody else sends, receives and settles as ever, and the attack has cost no more than this.
    pub(crate) fn assert_stands(&mut self, megabytes: u64) {
        self.assert_serves();
        let cost = self.resident().saturating_sub(self.at_rest);
        assert!(
            cost < megabytes * MEGABYTE,
            "the attack costs {cost} bytes, {megabytes} MB at most were promised"
        );
    }

    fn assert_serves(&mut self) {
        let mut witness = self.witness.take().unwrap();
        let sender = witness.sender(OTHER_QUEUE);
        witness.send(sender, 0, &data(b"unharmed"));
        witness.verdict();
        let receiver = witness.receiver(OTHER_QUEUE);
        witness.connection.set_credit(receiver, 1);
        let delivery = witness.delivery();
        let accepted = Some(DeliveryState::Accepted(Accepted {}));
        witness
            .connection
            .dispose(receiver, delivery.id, accepted, false);
        let answer = witness.verdict();
        assert!(matches!(answer, DeliveryState::Accepted(_)), "{answer:?}");
        witness.detach(sender);
        witness.detach(receiver);
        self.witness = Some(witness);
    }

    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next())
            .unwrap();
        kilobytes.parse::<u64>().unwrap() * 1_024
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}
