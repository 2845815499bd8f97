//! How an event loop waits for a receiver beside other things.

use std::os::fd::BorrowedFd;

use crate::error::{Error, ErrorKind, Result};
use crate::receiver::Receiver;

impl Receiver {
    /// A file descriptor that is readable while a call on the receiver has something to do at once: a message is at hand,
    /// the link was lost, which the next receive heals, or the receiver has ended or is closed, which it reports. So
    /// `poll`, `epoll` or an event loop can wait for messages beside other things; when it is readable, receive with a
    /// zero wait.
    ///
    /// It is level-triggered: it stays readable until the messages at hand are taken, by whichever thread. Now and then
    /// it may be readable with nothing to take. Only wait for it, never read from it. It is the same at each call, lives
    /// as long as the receiver's last clone, and costs nothing unless asked for. Unix only.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` without a [prefetch count](crate::ReceiverBuilder::prefetch_count): no message would come
    /// before a call asks for it. `Internal` where the process has no more file descriptors.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::fd::AsRawFd;
    /// use std::time::Duration;
    /// use servicebus::Client;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let receiver = client.queue_receiver("orders").prefetch_count(10).open()?;
    ///
    /// let fd = receiver.ready_fd()?;
    /// println!("descriptor {} goes into an event loop, for reading", fd.as_raw_fd());
    ///
    /// // Whenever the loop finds it readable:
    /// while let Some(message) = receiver.next_message(Duration::ZERO)? {
    ///     println!("{message}");
    ///     receiver.complete_message(&message)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ready_fd(&self) -> Result<BorrowedFd<'_>> {
        const OPERATION: &str = "watch receiver from";
        let engine = self.engine();
        engine
            .check_home()
            .map_err(|error| self.describe(error, OPERATION))?;
        if engine.prefetch() == 0 {
            let error = Error::invalid_argument(
                "without a prefetch count, no message comes before a call asks for it",
            );
            return Err(self.describe(error, OPERATION));
        }
        let signal = engine.at_hand().watch().map_err(|error| {
            let error = Error::new(ErrorKind::Internal, "cannot make a signal").with_source(error);
            self.describe(error, OPERATION)
        })?;
        Ok(signal.fd())
    }
}
