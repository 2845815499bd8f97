//! How clients, senders and receivers are doing, in numbers.

use crate::client::Client;
use crate::error::Result;
use crate::model::stats::{ClientStats, ReceiverStats, SenderStats};
use crate::receiver::Receiver;
use crate::sender::Sender;

impl Client {
    /// What the client did until now, in numbers. Asks nothing of the service and does not wait for it; works on a closed
    /// client too.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on the client's own thread, for example in a logger; `Forked` in a forked process.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::Client;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let stats = client.stats()?;
    /// println!("{} reconnects, {} retries", stats.reconnects, stats.retries);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats(&self) -> Result<ClientStats> {
        let client = self.shared();
        client
            .runtime()
            .check_may_wait()
            .map_err(|error| error.in_operation("tell stats of client"))?;
        Ok(client.namespace().stats())
    }
}

impl Sender {
    /// What the sender has under way and did until now, in numbers. Asks nothing of the service and does not wait for it;
    /// works on a closed sender too.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on the client's own thread, for example in a logger; `Forked` in a forked process.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Client, Message};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let sender = client.queue_sender("orders").open()?;
    /// let ticket = sender.submit(Message::new("hello"))?;
    /// let stats = sender.stats()?;
    /// println!("{} on their way, {} wait for credit", stats.in_flight, stats.waiting);
    /// ticket.wait()?;
    /// assert_eq!(sender.stats()?.in_flight, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats(&self) -> Result<SenderStats> {
        self.runtime()
            .check_may_wait()
            .map_err(|error| self.describe(error, "tell stats of sender to"))?;
        Ok(self.engine().stats())
    }
}

impl Receiver {
    /// What the receiver has under way and did until now, in numbers. Asks nothing of the service and does not wait for
    /// it; works on a closed receiver too.
    ///
    /// # Errors
    ///
    /// `WouldDeadlock` on the client's own thread, for example in a logger; `Forked` in a forked process.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use servicebus::{Client, Message};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// # client.queue_sender("orders").open()?.send_messages(vec![Message::new("a"), Message::new("b")])?;
    /// let receiver = client.queue_receiver("orders").open()?;
    /// let messages = receiver.receive_messages(2, Duration::from_secs(5))?;
    /// receiver.complete_messages(&messages);
    ///
    /// let stats = receiver.stats()?;
    /// assert_eq!(stats.settled, 2);
    /// println!("{} messages of {} bytes at hand", stats.inbox_messages, stats.inbox_bytes);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats(&self) -> Result<ReceiverStats> {
        self.check_may_wait()
            .map_err(|error| self.describe(error, "tell stats of receiver from"))?;
        Ok(self.engine().stats())
    }
}
