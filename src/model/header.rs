use std::time::Duration;

/// The header section of a message: how it is to be transferred (AMQP 1.0, 3.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AmqpHeader {
    pub(crate) durable: Option<bool>,
    pub(crate) priority: Option<u8>,
    pub(crate) time_to_live: Option<Duration>,
    pub(crate) first_acquirer: Option<bool>,
    pub(crate) delivery_count: Option<u32>,
}

impl AmqpHeader {
    /// The longest time to live that can be sent, 2^32 - 1 milliseconds or about 49.7 days.
    pub const MAX_TIME_TO_LIVE: Duration = Duration::from_millis(u32::MAX as u64);

    /// A header of which nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the message is to survive a restart of an intermediary. Service Bus keeps every
    /// message.
    pub fn durable(&self) -> Option<bool> {
        self.durable
    }

    /// The relative importance, 4 where absent. Service Bus ignores it.
    pub fn priority(&self) -> Option<u8> {
        self.priority
    }

    /// How long the message lives after it was enqueued.
    pub fn time_to_live(&self) -> Option<Duration> {
        self.time_to_live
    }

    /// Whether nobody had acquired the message before.
    pub fn first_acquirer(&self) -> Option<bool> {
        self.first_acquirer
    }

    /// How many earlier deliveries failed.
    pub fn delivery_count(&self) -> Option<u32> {
        self.delivery_count
    }

    /// Sets [`durable`](Self::durable).
    #[must_use]
    pub fn with_durable(mut self, durable: bool) -> Self {
        self.durable = Some(durable);
        self
    }

    /// Sets [`priority`](Self::priority).
    #[must_use]
    pub fn with_priority(mut self, priority: u8) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Sets [`time_to_live`](Self::time_to_live). Sent in whole milliseconds, and at most
    /// [`MAX_TIME_TO_LIVE`](Self::MAX_TIME_TO_LIVE).
    #[must_use]
    pub fn with_time_to_live(mut self, time_to_live: Duration) -> Self {
        self.time_to_live = Some(time_to_live);
        self
    }

    /// Sets [`first_acquirer`](Self::first_acquirer).
    #[must_use]
    pub fn with_first_acquirer(mut self, first_acquirer: bool) -> Self {
        self.first_acquirer = Some(first_acquirer);
        self
    }

    /// Sets [`delivery_count`](Self::delivery_count). The service overwrites it with its own count.
    #[must_use]
    pub fn with_delivery_count(mut self, delivery_count: u32) -> Self {
        self.delivery_count = Some(delivery_count);
        self
    }
}
