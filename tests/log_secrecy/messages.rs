//! A client sends, receives, settles, renews and manages.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use servicebus::{
    AmqpBody, AmqpMessage, AmqpValue, AutoLockRenewer, Client, DeadLetterOptions, Message,
    ReceivedMessage, Receiver, Result, SqlRuleFilter, SubQueue,
};
use servicebus_emulator::Emulator;

use crate::captured::note;
use crate::secrets::{builder, BODY};

type Step = fn(&Client) -> Result<()>;

const LONG: Duration = Duration::from_secs(20);

pub(crate) fn work(emulator: &Emulator) {
    let client = builder(emulator)
        .on_connection_event(|event| note(&format!("event {event:?}")))
        .build()
        .expect("the client starts");
    note(&format!("{client:?}"));
    let steps: [(&str, Step); 5] = [
        ("bodies", bodies),
        ("verdicts", verdicts),
        ("renewal", renewal),
        ("sessions", sessions),
        ("rules", rules),
    ];
    for (name, step) in steps {
        let done = step(&client);
        assert!(
            done.is_ok(),
            "{name}: {done:?}\n{}",
            emulator.journal().join("\n")
        );
    }
    client.close().expect("it closes");
}

fn next(receiver: &Receiver) -> Result<ReceivedMessage> {
    let message = receiver.next_message(LONG)?.expect("a message is there");
    // What an application would log of it.
    note(&format!("{message:?}"));
    Ok(message)
}

fn bodies(client: &Client) -> Result<()> {
    let sender = client.queue_sender("orders").open()?;
    let receiver = client.queue_receiver("orders").prefetch_count(10).open()?;
    let value = AmqpValue::from(BODY);
    let messages = vec![
        Message::new(BODY).with_application_property("secret", BODY),
        AmqpMessage::new(AmqpBody::Sequence(vec![vec![value.clone()]])).into(),
        Message::new(value),
    ];
    sender.send_messages(&messages)?;
    sender
        .send_all(messages.clone())
        .into_iter()
        .collect::<Result<Vec<()>>>()?;
    sender.submit(messages[0].clone())?.wait()?;
    let numbers = sender.schedule_messages(&messages, Utc::now() + TimeDelta::hours(1))?;
    sender.cancel_scheduled_messages(&numbers)?;
    receiver.peek_messages(10, None)?;
    for _ in 0..2 * messages.len() + 1 {
        receiver.complete_message(&next(&receiver)?)?;
    }
    Ok(())
}

fn verdicts(client: &Client) -> Result<()> {
    let sender = client.queue_sender("orders").open()?;
    let receiver = client.queue_receiver("orders").open()?;
    sender.send_messages([Message::new(BODY), Message::new(BODY)])?;
    receiver.abandon_message(&next(&receiver)?)?;
    let deferred = next(&receiver)?;
    receiver.defer_message(&deferred)?;
    let number = deferred.sequence_number().expect("the service's stamp");
    for message in receiver.receive_deferred_messages(&[number])? {
        receiver.renew_message_lock(&message)?;
        receiver.complete_message(&message)?;
    }
    let why = DeadLetterOptions::new().with_reason("broken");
    receiver.dead_letter_message_with(&next(&receiver)?, why)?;
    let dead = client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .open()?;
    let message = next(&dead)?;
    let transaction = client.transaction()?;
    transaction.send_messages(&sender, message.to_message())?;
    transaction.rollback()?;
    dead.complete_message(&message)
}

fn renewal(client: &Client) -> Result<()> {
    let sender = client.queue_sender("orders").open()?;
    let renewer = AutoLockRenewer::new();
    let receiver = client
        .queue_receiver("orders")
        .auto_lock_renewer(&renewer)
        .open()?;
    sender.send_messages(Message::new(BODY))?;
    let message = next(&receiver)?;
    renewer.register(&receiver, &message, Duration::from_secs(60))?;
    receiver.complete_message(&message)?;
    renewer.close()
}

fn sessions(client: &Client) -> Result<()> {
    let sender = client.queue_sender("desk").open()?;
    sender.send_messages(Message::new(BODY).with_session_id("a"))?;
    let receiver = client.queue_receiver("desk").session_id("a").open()?;
    receiver.complete_message(&next(&receiver)?)?;
    let session = receiver.session().expect("it has one");
    session.set_state(BODY)?;
    session.state()?;
    session.renew_lock()?;
    session.clear_state()
}

fn rules(client: &Client) -> Result<()> {
    let rules = client.subscription_rules("events", "audit")?;
    rules.add_rule("few", SqlRuleFilter::new("colour = 'red'"))?;
    rules.list_rules().collect::<Result<Vec<_>>>()?;
    rules.remove_rule("few")
}
