//! Calls by name, each with what it needs before it. `tests/interop/python/wire/sdk_calls.py` makes the same ones
//! with the Python SDK.

use std::time::Duration;

use chrono::{DateTime, Utc};
use servicebus::{
    AmqpValue, Client, DeadLetterOptions, Message, ReceiveMode, ReceivedMessage, Receiver,
    ReceiverBuilder, Sender, SenderBuilder, SubQueue,
};

use crate::Failure;

const WAIT: Duration = Duration::from_secs(10);
const SESSION: &str = "s";
const SUBSCRIPTION: &str = "Sub";
/// 2040-01-01.
const LATER: i64 = 2_208_988_800_000;

type Done = Result<(), Failure>;

pub(crate) fn make(client: &Client, entity: &str, name: &str) -> Done {
    let sender = || client.queue_sender(entity);
    let receiver = || client.queue_receiver(entity);
    match name {
        "send" => with_sender(sender(), send_every_property),
        "send-list" => with_sender(sender(), |sender| {
            Ok(sender.send_messages(vec![in_list("a"), in_list("b")])?)
        }),
        "send-batch" => with_sender(sender(), send_batch),
        "schedule" => with_sender(sender(), schedule_and_cancel),
        "complete" | "abandon" | "defer" | "dead-letter" => with_receiver(receiver(), |receiver| {
            Ok(settle(receiver, &receive(receiver)?, name)?)
        }),
        "deferred-complete" | "deferred-abandon" | "deferred-defer" | "deferred-dead-letter" => {
            let verdict = name.trim_start_matches("deferred-");
            with_receiver(receiver(), |receiver| settle_deferred(receiver, verdict))
        }
        "prefetch" => with_receiver(receiver().prefetch_count(5), |receiver| {
            Ok(receiver.complete_message(&receive(receiver)?)?)
        }),
        "receive-and-delete" => {
            let deleting = receiver().receive_mode(ReceiveMode::ReceiveAndDelete);
            with_receiver(deleting, |receiver| receive(receiver).map(drop))
        }
        "dead-letters" => with_receiver(receiver().sub_queue(SubQueue::DeadLetter), peek),
        "peek" => with_receiver(receiver(), peek),
        "publish" => with_sender(client.topic_sender(entity), |sender| {
            Ok(sender.send_messages(in_list("a"))?)
        }),
        "subscribe" => with_receiver(client.subscription_receiver(entity, SUBSCRIPTION), peek),
        "renew" => with_receiver(receiver(), |receiver| {
            let message = receive(receiver)?;
            Ok(receiver.renew_message_lock(&message).map(drop)?)
        }),
        "session" => with_receiver(receiver().session_id(SESSION), in_session),
        "next-session" => with_receiver(receiver().next_available_session(WAIT), |receiver| {
            Ok(receiver.complete_message(&receive(receiver)?)?)
        }),
        "list-sessions" => {
            for session in client.list_queue_sessions(entity, None) {
                session?;
            }
            Ok(())
        }
        other => Err(format!("no call is named {other}").into()),
    }?;
    Ok(client.close()?)
}

fn with_sender(builder: SenderBuilder, calls: impl FnOnce(&Sender) -> Done) -> Done {
    let sender = builder.open()?;
    calls(&sender)?;
    Ok(sender.close()?)
}

fn with_receiver(builder: ReceiverBuilder, calls: impl FnOnce(&Receiver) -> Done) -> Done {
    let receiver = builder.open()?;
    calls(&receiver)?;
    Ok(receiver.close()?)
}

fn later() -> Result<DateTime<Utc>, Failure> {
    Ok(DateTime::from_timestamp_millis(LATER).ok_or("no such time")?)
}

fn send_batch(sender: &Sender) -> Done {
    let mut batch = sender.create_message_batch()?;
    for body in ["a", "b"] {
        let left_over = batch.try_add(in_list(body));
        left_over.map_err(|_| "the messages do not fit in one batch")?;
    }
    Ok(sender.send_messages(&batch)?)
}

fn schedule_and_cancel(sender: &Sender) -> Done {
    let message = Message::new("a")
        .with_message_id("id-1")
        .with_session_id(SESSION)
        .with_partition_key(SESSION);
    let numbers = sender.schedule_messages(message, later()?)?;
    Ok(sender.cancel_scheduled_messages(&numbers)?)
}

fn in_list(body: &str) -> Message {
    Message::new(body)
        .with_message_id(format!("id-{body}"))
        .with_partition_key("p")
}

fn send_every_property(sender: &Sender) -> Done {
    let later = later()?;
    let message = Message::new("body")
        .with_message_id("id-1")
        .with_correlation_id("correlation-1")
        .with_subject("subject")
        .with_content_type("text/plain")
        .with_to("to")
        .with_reply_to("reply-to")
        .with_session_id(SESSION)
        .with_reply_to_session_id("reply-session")
        .with_partition_key(SESSION)
        .with_time_to_live(Duration::from_secs(60))
        .with_scheduled_enqueue_time(later)
        .with_application_property("text", "text")
        .with_application_property("flag", true)
        .with_application_property("number", 7_i32)
        .with_application_property("double", 0.5)
        .with_application_property("bytes", b"bytes".as_slice())
        .with_application_property("time", later)
        .with_application_property("nothing", AmqpValue::Null);
    Ok(sender.send_messages(message)?)
}

fn receive(receiver: &Receiver) -> Result<ReceivedMessage, Failure> {
    Ok(receiver.next_message(WAIT)?.ok_or("no message came")?)
}

fn settle(receiver: &Receiver, message: &ReceivedMessage, verdict: &str) -> servicebus::Result<()> {
    match verdict {
        "complete" => receiver.complete_message(message),
        "abandon" => receiver.abandon_message(message),
        "defer" => receiver.defer_message(message),
        _ => {
            let options = DeadLetterOptions::new()
                .with_reason("why")
                .with_error_description("in detail");
            receiver.dead_letter_message_with(message, options)
        }
    }
}

fn peek(receiver: &Receiver) -> Done {
    Ok(receiver.peek_messages(2, 1).map(drop)?)
}

fn settle_deferred(receiver: &Receiver, verdict: &str) -> Done {
    let message = receive(receiver)?;
    receiver.defer_message(&message)?;
    let number = message.sequence_number().ok_or("a message of no number")?;
    for message in receiver.receive_deferred_messages(&[number])? {
        settle(receiver, &message, verdict)?;
    }
    Ok(())
}

fn in_session(receiver: &Receiver) -> Done {
    let session = receiver.session().ok_or("no session")?;
    session.set_state("state")?;
    session.state()?;
    session.clear_state()?;
    session.renew_lock()?;
    peek(receiver)?;
    settle_deferred(receiver, "complete")
}
