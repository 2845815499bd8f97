//! The emulator as a program.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::BoolishValueParser;
use clap::{CommandFactory, Parser};
use servicebus_emulator::{Emulator, Tier};

/// What the names of all variables begin with.
const PREFIX: &str = "SERVICEBUS_EMULATOR_";

/// What the container of Microsoft's emulator calls the port for HTTP.
const MICROSOFT_HTTP_PORT: &str = "EMULATOR_HTTP_PORT";

const AFTER_HELP: &str = "\
Every flag can be given by the variable that stands beside it, where lists have commas; the flag itself
comes first. EMULATOR_HTTP_PORT, as Microsoft's emulator has it, is read after SERVICEBUS_EMULATOR_HTTP_PORT.

With the default port, clients connect with what Microsoft's emulator is connected with:
Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;\
UseDevelopmentEmulator=true;";

/// A local stand-in for Azure Service Bus.
///
/// It prints its connection string and the address of its management API, and runs until SIGINT or SIGTERM.
/// All is kept in memory.
#[derive(Debug, Parser)]
#[command(name = "servicebus-emulator", version, after_help = AFTER_HELP)]
struct Arguments {
    /// Port for AMQP over plain TCP; 0 takes any free one.
    #[arg(long, env = "SERVICEBUS_EMULATOR_PORT", hide_env_values = true)]
    #[arg(default_value_t = 5672)]
    port: u16,

    /// Port for AMQP over TLS with a certificate made at start; 0 takes any free one.
    #[arg(long, env = "SERVICEBUS_EMULATOR_TLS_PORT", hide_env_values = true)]
    tls_port: Option<u16>,

    /// Port for the management API over HTTP, and /health; 0 takes any free one [default: 5300].
    #[arg(long, env = "SERVICEBUS_EMULATOR_HTTP_PORT", hide_env_values = true)]
    http_port: Option<u16>,

    /// The address to listen at, such as 0.0.0.0 in a container; only this machine is let in unless set.
    #[arg(long, env = "SERVICEBUS_EMULATOR_HOST", hide_env_values = true)]
    #[arg(value_name = "ADDRESS")]
    host: Option<IpAddr>,

    /// A Config.json of Microsoft's emulator, with entities to create.
    #[arg(long, env = "SERVICEBUS_EMULATOR_CONFIG", hide_env_values = true)]
    #[arg(value_name = "FILE")]
    config: Option<PathBuf>,

    /// A queue to create; may be given several times.
    #[arg(
        long = "queue",
        env = "SERVICEBUS_EMULATOR_QUEUE",
        hide_env_values = true
    )]
    #[arg(value_name = "NAME", value_delimiter = ',')]
    queues: Vec<String>,

    /// A topic to create; may be given several times.
    #[arg(
        long = "topic",
        env = "SERVICEBUS_EMULATOR_TOPIC",
        hide_env_values = true
    )]
    #[arg(value_name = "NAME", value_delimiter = ',')]
    topics: Vec<String>,

    /// A subscription to create; may be given several times.
    #[arg(
        long = "subscription",
        env = "SERVICEBUS_EMULATOR_SUBSCRIPTION",
        hide_env_values = true
    )]
    #[arg(value_name = "TOPIC/NAME", value_delimiter = ',')]
    subscriptions: Vec<String>,

    /// Pricing tier, and with it the message size limit: basic, standard or premium.
    #[arg(long, env = "SERVICEBUS_EMULATOR_TIER", hide_env_values = true)]
    #[arg(default_value = "standard")]
    tier: Tier,

    /// Accept JSON web tokens without checking their signature.
    #[arg(long, env = "SERVICEBUS_EMULATOR_ACCEPT_JWT", hide_env_values = true)]
    #[arg(value_parser = BoolishValueParser::new())]
    accept_jwt: bool,

    /// How much to log to standard error: off, error, warn, info, debug or trace; from debug on, every
    /// frame and what became of every message.
    #[arg(long, env = "SERVICEBUS_EMULATOR_LOG", hide_env_values = true)]
    #[arg(default_value = "warn", value_name = "LEVEL")]
    log: log::LevelFilter,
}

impl Arguments {
    /// The port for HTTP, from Microsoft's variable where nothing of ours names it.
    fn http_port(&self) -> Result<u16, String> {
        match (self.http_port, std::env::var_os(MICROSOFT_HTTP_PORT)) {
            (Some(port), _) => Ok(port),
            (None, None) => Ok(5300),
            (None, Some(text)) => {
                let text = text.to_string_lossy();
                text.parse()
                    .map_err(|_| format!("{MICROSOFT_HTTP_PORT}={text}: no port"))
            }
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    env_logger::Builder::new()
        .filter_level(arguments.log)
        .init();
    warn_of_unknown_variables();
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

/// A misspelled variable would have no effect, and nobody would know.
fn warn_of_unknown_variables() {
    let command = Arguments::command();
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(|arg| arg.get_env())
        .collect();
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(PREFIX) && !known.contains(&name.as_os_str()) {
            log::warn!("{} has no effect", name.to_string_lossy());
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut setup = Emulator::builder()
        .port(arguments.port)
        .http_port(arguments.http_port()?)
        .tier(arguments.tier)
        .accept_jwt(arguments.accept_jwt);
    if let Some(address) = arguments.host {
        setup = setup.host(address);
    }
    if let Some(file) = arguments.config {
        setup = setup.config(file)?;
    }
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
