//! The emulator as a program.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use servicebus_emulator::{Emulator, Tier};

/// A local stand-in for Azure Service Bus.
#[derive(Debug, Parser)]
#[command(name = "servicebus-emulator", version)]
struct Arguments {
    /// Port for AMQP over plain TCP; 0 takes any free one.
    #[arg(long, default_value_t = 5672)]
    port: u16,

    /// Port for AMQP over TLS with a certificate made at start; 0 takes any free one.
    #[arg(long)]
    tls_port: Option<u16>,

    /// Port for the management API over HTTP, and /health; 0 takes any free one.
    #[arg(long, default_value_t = 5300)]
    http_port: u16,

    /// A queue to create; may be given several times.
    #[arg(long = "queue", value_name = "NAME")]
    queues: Vec<String>,

    /// A topic to create; may be given several times.
    #[arg(long = "topic", value_name = "NAME")]
    topics: Vec<String>,

    /// A subscription to create; may be given several times.
    #[arg(long = "subscription", value_name = "TOPIC/NAME")]
    subscriptions: Vec<String>,

    /// Pricing tier, and with it the message size limit: basic, standard or premium.
    #[arg(long, default_value = "standard")]
    tier: Tier,

    /// Accept JSON web tokens without checking their signature.
    #[arg(long)]
    accept_jwt: bool,

    /// How much to log to standard error: off, error, warn, info, debug or trace; from debug on, every
    /// frame and what became of every message.
    #[arg(long, default_value = "warn", value_name = "LEVEL")]
    log: log::LevelFilter,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    env_logger::Builder::new()
        .filter_level(arguments.log)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(
                &mut std::io::stderr(),
                &format!("servicebus-emulator: {error}"),
            );
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut setup = Emulator::builder()
        .port(arguments.port)
        .http_port(arguments.http_port)
        .tier(arguments.tier)
        .accept_jwt(arguments.accept_jwt);
    for queue in arguments.queues {
        setup = setup.queue(queue);
    }
    for topic in arguments.topics {
        setup = setup.topic(topic);
    }
    for subscription in arguments.subscriptions {
        let (topic, name) = subscription
            .rsplit_once('/')
            .ok_or_else(|| format!("--subscription {subscription}: no TOPIC/NAME"))?;
        setup = setup.subscription(topic, name);
    }
    if let Some(port) = arguments.tls_port {
        setup = setup.tls_port(port);
    }
    // Before anybody learns the address, so that an early signal is not lost.
    let interrupts = Interrupts::listen()?;
    let emulator = setup.start()?;
    let mut out = std::io::stdout();
    report(&mut out, &emulator.connection_string());
    let http = format!("http://localhost:{}", emulator.http_port());
    report(&mut out, &http);
    if let (Some(text), Some(root)) = (emulator.tls_connection_string(), emulator.tls_root_pem()) {
        report(&mut out, &text);
        report(&mut out, root.trim_end());
    }
    interrupts.wait();
    Ok(())
}

/// Writes a line at once. Nobody may be reading, and that is no reason to stop.
fn report(out: &mut dyn Write, line: &str) {
    let written = writeln!(out, "{line}").and_then(|()| out.flush());
    if let Err(error) = written {
        log::debug!("the output is closed: {error}");
    }
}

/// SIGINT, and SIGTERM where there is one.
struct Interrupts {
    runtime: tokio::runtime::Runtime,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Interrupts {
    fn listen() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        #[cfg(unix)]
        let signals = {
            use tokio::signal::unix::{signal, SignalKind};
            let _context = runtime.enter();
            [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
            ]
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            signals,
        })
    }

    #[cfg(unix)]
    fn wait(mut self) {
        let [interrupt, terminate] = &mut self.signals;
        self.runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
    }

    #[cfg(not(unix))]
    fn wait(self) {
        if let Err(error) = self.runtime.block_on(tokio::signal::ctrl_c()) {
            log::error!("wait for Ctrl-C: {error}");
        }
    }
}
