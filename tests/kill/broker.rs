//! A broker of one queue that keeps a ledger, and strikes once where it is told to.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::peer::Peer;
use crate::script::{Manner, Stage, Strike};

/// What the broker did.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Messages that arrived, and whether that was answered.
    pub(crate) stored: BTreeMap<String, bool>,
    /// Messages to be delivered, by token.
    pub(crate) queue: BTreeMap<u8, String>,
    /// Tokens whose settlement was applied, and whether that was answered.
    pub(crate) settled: BTreeMap<u8, bool>,
    strike: Option<Strike>,
    /// Connections on which nothing is said any more.
    pub(crate) silent: Vec<TcpStream>,
    pub(crate) journal: Vec<String>,
    over: bool,
}

impl Ledger {
    /// Whether a strike is to come at that stage.
    pub(crate) fn awaits(&self, stage: Stage) -> bool {
        self.strike.is_some_and(|strike| strike.stage == stage)
    }

    pub(crate) fn strikes_by(&self, manner: Manner) -> bool {
        self.strike.is_some_and(|strike| strike.manner == manner)
    }

    /// The strike, if its moment has come.
    pub(crate) fn take_strike(&mut self, stage: Stage) -> Option<Strike> {
        let strike = self.strike.take_if(|strike| strike.stage == stage)?;
        self.journal.push(format!("strike: {strike}"));
        Some(strike)
    }
}

pub(crate) struct Broker {
    port: u16,
    ledger: Arc<Mutex<Ledger>>,
}

impl Broker {
    /// With messages to deliver, numbered from 1.
    pub(crate) fn holding(bodies: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let queue = (1..).zip(bodies.iter().map(|body| (*body).to_owned()));
        let ledger = Arc::new(Mutex::new(Ledger {
            queue: queue.collect(),
            ..Ledger::default()
        }));
        let broker = Broker { port, ledger };
        let shared = broker.ledger.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let over = shared.lock().unwrap_or_else(PoisonError::into_inner).over;
                let Some(stream) = stream.ok().filter(|_| !over) else {
                    return;
                };
                let ledger = shared.clone();
                thread::spawn(move || Peer::new(stream, ledger).serve());
            }
        });
        broker
    }

    pub(crate) fn connection_string(&self) -> String {
        format!(
            "Endpoint=sb://127.0.0.1:{};SharedAccessKeyName=name;SharedAccessKey=key;UseDevelopmentEmulator=true;",
            self.port
        )
    }

    /// Strikes at the next occasion.
    pub(crate) fn arm(&self, strike: Strike) {
        self.ledger().strike = Some(strike);
    }

    /// Whether a strike that was armed has not happened.
    pub(crate) fn is_armed(&self) -> bool {
        self.ledger().strike.is_some()
    }

    /// Ends the connections on which nothing is said any more.
    pub(crate) fn end_silence(&self) {
        for stream in self.ledger().silent.drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn seen(&self) -> String {
        self.ledger().journal.join("\n")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.end_silence();
        self.ledger().over = true;
        // Wakes the thread that accepts.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}
