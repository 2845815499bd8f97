//! The client as the interoperability checks drive it: one operation a run, messages as JSON.
//!
//! `tests/interop/README.md` describes the commands and the form of a message.

#[path = "interop_peer/message_json.rs"]
mod message_json;
#[path = "interop_peer/named_call.rs"]
mod named_call;
#[path = "interop_peer/value_json.rs"]
mod value_json;

use std::error::Error as StdError;
use std::io::{stdin, stdout, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{json, Value};
use servicebus::{
    Client, DeadLetterOptions, Error, Message, ReceiveMode, ReceivedMessage, Receiver, SubQueue,
};

type Failure = Box<dyn StdError>;

struct Arguments {
    verb: String,
    connection: String,
    queue: String,
    call: String,
    count: usize,
    form: String,
    delete: bool,
    dead_letters: bool,
    settle: String,
    wait: Duration,
}

fn main() -> ExitCode {
    let Err(failure) = run() else {
        return ExitCode::SUCCESS;
    };
    let report = match failure.downcast_ref::<Error>() {
        Some(error) => json!({"error": {
            "kind": format!("{:?}", error.kind()),
            "condition": error.condition(),
            "message": error.to_string(),
        }}),
        None => json!({"error": {"kind": "Usage", "message": failure.to_string()}}),
    };
    // Nobody is left to tell when standard output is gone.
    let _ = writeln!(stdout(), "{report}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let client = Client::from_connection_string(&arguments.connection)?;
    match arguments.verb.as_str() {
        "send" => send(&client, &arguments),
        "call" => named_call::make(&client, &arguments.queue, &arguments.call),
        "receive" => receive(&open(&client, &arguments)?, &arguments),
        "peek" => {
            for message in open(&client, &arguments)?.peek_messages(arguments.count, None)? {
                print(&message_json::write(&message))?;
            }
            Ok(())
        }
        other => Err(format!("{other} is neither send, call, receive nor peek").into()),
    }
}

fn send(client: &Client, arguments: &Arguments) -> Result<(), Failure> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let described: Vec<Value> = serde_json::from_str(&text)?;
    let messages: Result<Vec<Message>, Failure> =
        described.iter().map(message_json::read).collect();
    let sender = client.queue_sender(&arguments.queue).open()?;
    match arguments.form.as_str() {
        "list" => sender.send_messages(messages?)?,
        "batch" => {
            let mut batch = sender.create_message_batch()?;
            for message in messages? {
                let left_over = batch.try_add(message);
                left_over.map_err(|_| "the messages do not fit in one batch")?;
            }
            sender.send_messages(&batch)?;
        }
        _ => {
            for message in messages? {
                sender.send_messages(message)?;
            }
        }
    }
    Ok(sender.close()?)
}

fn open(client: &Client, arguments: &Arguments) -> Result<Receiver, Error> {
    let mut builder = client.queue_receiver(&arguments.queue);
    if arguments.delete {
        builder = builder.receive_mode(ReceiveMode::ReceiveAndDelete);
    }
    if arguments.dead_letters {
        builder = builder.sub_queue(SubQueue::DeadLetter);
    }
    builder.open()
}

fn receive(receiver: &Receiver, arguments: &Arguments) -> Result<(), Failure> {
    for number in 0..arguments.count {
        let Some(message) = receiver.next_message(arguments.wait)? else {
            return Err(format!("{number} of {} messages came", arguments.count).into());
        };
        let mut described = message_json::write(&message);
        if let Some(until) = settle(receiver, &message, arguments)? {
            described["renewed-until"] = until.into();
        }
        print(&described)?;
    }
    Ok(receiver.close()?)
}

/// Does what the arguments say; a renewal answers until when the lock then holds, in milliseconds.
fn settle(
    receiver: &Receiver,
    message: &ReceivedMessage,
    arguments: &Arguments,
) -> Result<Option<i64>, Error> {
    match arguments.settle.as_str() {
        "complete" => receiver.complete_message(message)?,
        "abandon" => receiver.abandon_message(message)?,
        "dead-letter" => {
            let options = DeadLetterOptions::new()
                .with_reason("interop")
                .with_error_description("told to");
            receiver.dead_letter_message_with(message, options)?;
        }
        "renew" => {
            let until = receiver.renew_message_lock(message)?;
            receiver.complete_message(message)?;
            return Ok(Some(until.timestamp_millis()));
        }
        _ => {}
    }
    Ok(None)
}

fn print(line: &Value) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{line}")?)
}

impl Arguments {
    fn read(given: impl Iterator<Item = String>) -> Result<Arguments, Failure> {
        let mut given = given;
        let mut next = |what: &str| given.next().ok_or(format!("the {what} is missing"));
        let mut arguments = Arguments {
            verb: next("verb")?,
            connection: next("connection string")?,
            queue: next("queue")?,
            call: String::new(),
            count: 0,
            form: "single".to_owned(),
            delete: false,
            dead_letters: false,
            settle: "none".to_owned(),
            wait: Duration::from_secs(10),
        };
        match arguments.verb.as_str() {
            "send" => {}
            "call" => arguments.call = next("call")?,
            _ => arguments.count = next("count")?.parse()?,
        }
        while let Ok(flag) = next("flag") {
            let value = next("flag's value")?;
            match flag.as_str() {
                "--as" => arguments.form = value,
                "--mode" => arguments.delete = value == "delete",
                "--sub-queue" => arguments.dead_letters = value == "dead-letter",
                "--settle" => arguments.settle = value,
                "--wait" => arguments.wait = Duration::from_secs(value.parse()?),
                other => return Err(format!("{other} is no flag").into()),
            }
        }
        Ok(arguments)
    }
}
