use super::amqp_message::AmqpMessage;
use super::annotations;
use super::message::Message;
use super::received::ReceivedMessage;

/// Application properties that tell of the old message's way: why it was dead-lettered, and which trace it was part of.
const OF_THE_OLD_MESSAGE: [&str; 5] = [
    "DeadLetterReason",
    "DeadLetterErrorDescription",
    "Diagnostic-Id",
    "traceparent",
    "tracestate",
];

impl ReceivedMessage {
    /// A new message with the contents of this one, to be sent again, for example from a dead-letter queue.
    ///
    /// Body, properties and application properties are the same, bytes are shared. What the service added is left out:
    /// its annotations (all that begin with `x-opt-` but the partition key), the count of deliveries, when the message
    /// was created and expires, why it was dead-lettered, and the ids of its trace. The message id stays: where the
    /// entity detects duplicates, set another one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use servicebus::{Client, Message, SubQueue};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// # let sender = client.queue_sender("orders").open()?;
    /// # sender.send_messages(Message::new("hello"))?;
    /// # let receiver = client.queue_receiver("orders").open()?;
    /// # let message = receiver.next_message(None)?.ok_or("a message")?;
    /// # receiver.dead_letter_message(&message)?;
    ///
    /// let dead_letters = client
    ///     .queue_receiver("orders")
    ///     .sub_queue(SubQueue::DeadLetter)
    ///     .max_wait_time(Duration::from_millis(100))
    ///     .open()?;
    /// for dead in &dead_letters {
    ///     let dead = dead?;
    ///     sender.send_messages(dead.to_message())?;
    ///     dead_letters.complete_message(&dead)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_message(&self) -> Message {
        let mut amqp: AmqpMessage = self.amqp().clone();
        amqp.header.delivery_count = None;
        amqp.header.first_acquirer = None;
        amqp.delivery_annotations = Default::default();
        amqp.message_annotations = amqp
            .message_annotations
            .into_iter()
            .filter(|(key, _)| {
                key.as_str().is_none_or(|name| {
                    name == annotations::PARTITION_KEY || !name.starts_with("x-opt-")
                })
            })
            .collect();
        amqp.properties.creation_time = None;
        amqp.properties.absolute_expiry_time = None;
        for name in OF_THE_OLD_MESSAGE {
            amqp.application_properties.remove(name);
        }
        amqp.into()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{AmqpHeader, AmqpMap, AmqpProperties, AmqpValue, ApplicationProperties};

    #[test]
    fn what_the_service_added_is_left_out() {
        let mut annotations = AmqpMap::new();
        for (name, value) in [
            ("x-opt-sequence-number", AmqpValue::Long(7)),
            ("x-opt-enqueued-time", AmqpValue::Timestamp(1)),
            ("x-opt-scheduled-enqueue-time", AmqpValue::Timestamp(2)),
            ("x-opt-partition-key", "p".into()),
            ("mine", 1.into()),
        ] {
            annotations.insert(name, value);
        }
        let mut properties = ApplicationProperties::new();
        properties.insert("kept", true);
        properties.insert("DeadLetterReason", "bad");
        properties.insert("traceparent", "00-1-2-00");
        let amqp = AmqpMessage::new("body")
            .with_header(AmqpHeader::new().with_delivery_count(3).with_priority(5))
            .with_delivery_annotations(annotations.clone())
            .with_message_annotations(annotations)
            .with_properties(
                AmqpProperties::new()
                    .with_message_id("id")
                    .with_absolute_expiry_time(chrono::DateTime::UNIX_EPOCH),
            )
            .with_application_properties(properties);
        let received = ReceivedMessage::new(Box::new(amqp), Bytes::from_static(b"body"), None);

        let mut kept = AmqpMap::new();
        kept.insert("x-opt-partition-key", "p");
        kept.insert("mine", 1);
        let expected = AmqpMessage::new("body")
            .with_header(AmqpHeader::new().with_priority(5))
            .with_message_annotations(kept)
            .with_properties(AmqpProperties::new().with_message_id("id"));
        let message = received.to_message();
        assert_eq!(
            message,
            Message::from(expected).with_application_property("kept", true)
        );
        assert_eq!(received.amqp().header().delivery_count(), Some(3));
    }
}
