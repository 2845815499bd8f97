//! What may be sent to another thread and used by several at once; it compiles or it does not.

use servicebus::{
    AbandonOptions, AmqpMessage, AmqpValue, ConnectionStringProperties, Credential,
    DeadLetterOptions, Error, Message, MessageBatch, ReceivedMessage, SasToken, TryAddError,
};

fn is_shared<T: Send + Sync + 'static>() {}

#[test]
fn values_may_be_shared() {
    is_shared::<AbandonOptions>();
    is_shared::<AmqpMessage>();
    is_shared::<AmqpValue>();
    is_shared::<ConnectionStringProperties>();
    is_shared::<Credential>();
    is_shared::<DeadLetterOptions>();
    is_shared::<Error>();
    is_shared::<Message>();
    is_shared::<MessageBatch>();
    is_shared::<ReceivedMessage>();
    is_shared::<SasToken>();
    is_shared::<TryAddError>();
}
