//! Taking off a message what it has, such as the id or session of a copy that is to be sent again.

use super::annotations;
use super::message::Message;

impl Message {
    /// Takes off the [`message_id`](Self::message_id).
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::Message;
    ///
    /// let message = Message::new("again").with_message_id("order-7").with_session_id("orders");
    /// let message = message.without_message_id().without_session_id();
    /// assert_eq!(message, Message::new("again"));
    /// ```
    #[must_use]
    pub fn without_message_id(mut self) -> Self {
        self.amqp.properties.message_id = None;
        self
    }

    /// Takes off the [`correlation_id`](Self::correlation_id).
    #[must_use]
    pub fn without_correlation_id(mut self) -> Self {
        self.amqp.properties.correlation_id = None;
        self
    }

    /// Takes off the [`subject`](Self::subject).
    #[must_use]
    pub fn without_subject(mut self) -> Self {
        self.amqp.properties.subject = None;
        self
    }

    /// Takes off the [`content_type`](Self::content_type).
    #[must_use]
    pub fn without_content_type(mut self) -> Self {
        self.amqp.properties.content_type = None;
        self
    }

    /// Takes off the address [`to`](Self::to) which the message is meant for.
    #[must_use]
    pub fn without_to(mut self) -> Self {
        self.amqp.properties.to = None;
        self
    }

    /// Takes off the address to [`reply_to`](Self::reply_to).
    #[must_use]
    pub fn without_reply_to(mut self) -> Self {
        self.amqp.properties.reply_to = None;
        self
    }

    /// Takes off the [`session_id`](Self::session_id). A partition key stays.
    #[must_use]
    pub fn without_session_id(mut self) -> Self {
        self.amqp.properties.group_id = None;
        self
    }

    /// Takes off the [`reply_to_session_id`](Self::reply_to_session_id).
    #[must_use]
    pub fn without_reply_to_session_id(mut self) -> Self {
        self.amqp.properties.reply_to_group_id = None;
        self
    }

    /// Takes off the [`partition_key`](Self::partition_key).
    #[must_use]
    pub fn without_partition_key(mut self) -> Self {
        self.amqp
            .message_annotations
            .remove(annotations::PARTITION_KEY);
        self
    }

    /// Takes off the [`time_to_live`](Self::time_to_live), so that the entity's default holds.
    #[must_use]
    pub fn without_time_to_live(mut self) -> Self {
        self.amqp.header.time_to_live = None;
        self
    }

    /// Takes off the [`scheduled_enqueue_time`](Self::scheduled_enqueue_time), so that the message
    /// is enqueued at once.
    #[must_use]
    pub fn without_scheduled_enqueue_time(mut self) -> Self {
        self.amqp
            .message_annotations
            .remove(annotations::SCHEDULED_ENQUEUE_TIME);
        self
    }
}
