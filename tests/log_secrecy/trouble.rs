//! What can go wrong goes wrong: links, connections, certificates, arguments.

use std::sync::mpsc;
use std::time::Duration;

use servicebus::{AutoLockRenewer, Client, Message, ReceiveMode, Result};
use servicebus_emulator::{Emulator, Fault, FrameKind};

use crate::captured::note;
use crate::secrets::{builder, soon, BODY, KEY};

fn inject(emulator: &Emulator, fault: Fault) {
    emulator.inject(fault).expect("the fault is valid");
}

/// Notes a failure as an application would, or that there was none.
fn tell<T>(what: &str, result: Result<T>) {
    match result {
        Ok(_) => note(&format!("{what}: done")),
        Err(error) => note(&format!("{what}: {error} {error:?}")),
    }
}

pub(crate) fn work(emulator: &Emulator) {
    let client = builder(emulator)
        .operation_timeout(Duration::from_secs(5))
        .build()
        .expect("the client starts");
    on_links(emulator, &client);
    of_arguments(&client);
    of_locks(emulator, &client);
    of_certificates(emulator);
    tell("close", client.close());
}

fn on_links(emulator: &Emulator, client: &Client) {
    let sender = client.queue_sender("orders").open().expect("it opens");
    let deleter = client
        .queue_receiver("orders")
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .open()
        .expect("it opens");
    // Of what goes to the client.
    let a_message = |fault: Fault| fault.frame_kind(FrameKind::Transfer).times(1);
    for fault in [
        Fault::reject_message("com.microsoft:server-busy").times(1),
        Fault::reject_message("amqp:internal-error").times(1),
        Fault::detach_link("amqp:link:detach-forced").times(1),
        Fault::close_connection("amqp:connection:forced").times(1),
        Fault::cut_stream().times(1),
        a_message(Fault::corrupt_frame(12)),
        a_message(Fault::truncate_frame(40)),
    ] {
        inject(emulator, fault);
        tell("send", sender.send_messages(Message::new(BODY)));
        tell(
            "receive",
            deleter.receive_messages(9, Duration::from_millis(50)),
        );
        emulator.clear_faults();
    }
}

fn of_arguments(client: &Client) {
    let sender = client.queue_sender("orders").open().expect("it opens");
    tell("open", client.queue_sender("nowhere").open());
    let large = Message::new(BODY.repeat(200_000));
    tell("send", sender.send_messages(large));
    let message = Message::new(BODY)
        .with_session_id("a")
        .with_partition_key("b");
    tell("send", sender.send_messages(message));
    tell("read", Message::from_bytes(BODY));
    let text = format!("Endpoint=sb://localhost;SharedAccessKeyName=a;SharedAccessKey={KEY};=");
    tell("parse", Client::from_connection_string(&text));
}

fn of_locks(emulator: &Emulator, client: &Client) {
    let sender = client.queue_sender("orders").open().expect("it opens");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    sender
        .send_messages(Message::new(BODY))
        .expect("it is stored");
    let message = receiver
        .next_message(Duration::from_secs(20))
        .expect("receiving works")
        .expect("a message is there");
    let (tell_failure, failures) = mpsc::channel();
    let renewer = AutoLockRenewer::builder()
        .on_failure(move |failure| {
            note(&format!("{failure:?}"));
            tell_failure.send(()).ok();
        })
        .build();
    inject(
        emulator,
        Fault::refuse_request("com.microsoft:message-lock-lost"),
    );
    let registered = renewer.register(&receiver, &message, Duration::from_secs(60));
    tell("register", registered);
    failures
        .recv_timeout(Duration::from_secs(20))
        .expect("the renewal fails");
    emulator.clear_faults();
    emulator.advance(Duration::from_secs(3_600));
    tell("renew", receiver.renew_message_lock(&message));
    tell("complete", receiver.complete_message(&message));
    tell("complete", receiver.complete_message(&message));
    tell("close", renewer.close());
}

fn of_certificates(emulator: &Emulator) {
    let text = emulator.tls_connection_string().expect("it listens");
    let stranger = servicebus::ClientBuilder::from_connection_string(&text).expect("it is good");
    let client = soon(stranger).build().expect("the client starts");
    tell("open", client.queue_sender("orders").open());
    inject(emulator, Fault::expired_certificate().times(1));
    let client = builder(emulator).build().expect("the client starts");
    tell("open", client.queue_sender("orders").open());
}
