//! Sending any number of messages in one call.

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};
use std::mem;

use crate::error::{Error, ErrorKind, Result};
use crate::mapping::batch::{BatchPayload, Payload};
use crate::mapping::encode::encode;
use crate::model::deadline::Deadline;
use crate::model::message::Message;
use crate::runtime::Started;
use crate::sender::Sender;

const OPERATION: &str = "send to";

/// The most messages that the service takes in a batch, however small.
const MAX_BATCH_COUNT: usize = 4_500;

/// Batches that are being filled leave, full or not, when they hold more than this together,
const MAX_OPEN_BYTES: usize = 4 * 1024 * 1024;

/// or are more than this many.
const MAX_OPEN_BATCHES: usize = 1_000;

impl Sender {
    /// Sends all messages of an iterator, lent or given, and waits until the service has answered for each; the results
    /// are in the order of the messages.
    ///
    /// Messages travel in batches, as large as the entity takes, and many of them are on their way at once, bounded by
    /// [`max_bytes_in_flight`](crate::SenderBuilder::max_bytes_in_flight); the iterator is asked for more as there is
    /// room. Messages of one session or partition key share batches with each other only, and leave in their order;
    /// those of different keys may overtake each other. A batch is stored as a whole or not, so its messages have the
    /// same result.
    ///
    /// The call lasts at most for the operation time-out (see [`with_timeout`](Sender::with_timeout)), apart from the time
    /// that the iterator takes. Messages that have not left by then, or when the sender is closed, are taken from the
    /// iterator all the same, and fail.
    ///
    /// # Errors
    ///
    /// For each message those of [`send_messages`](Sender::send_messages): where
    /// [`is_outcome_unknown`](crate::Error::is_outcome_unknown), it may be stored.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Client, Message};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let sender = client.queue_sender("orders").open()?;
    /// let messages: Vec<Message> = (0..1_000).map(|n| Message::new(format!("order {n}"))).collect();
    /// for (message, result) in messages.iter().zip(sender.send_all(&messages)) {
    ///     if let Err(error) = result {
    ///         println!("{:?} is not sent: {error}", message.message_id());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_all<I>(&self, messages: I) -> Vec<Result<()>>
    where
        I: IntoIterator,
        I::Item: Borrow<Message>,
    {
        // First of all: a forked child may wait for no lock.
        if let Err(error) = self.runtime().check_may_wait() {
            let error = self.describe(error, OPERATION);
            return messages.into_iter().map(|_| Err(error.clone())).collect();
        }
        let mut sending = Sending::new(self);
        for message in messages {
            sending.take(message.borrow());
        }
        sending.finish()
    }
}

/// A run of [`Sender::send_all`].
struct Sending<'a> {
    sender: &'a Sender,
    deadline: Deadline,
    max_batch: usize,
    /// Batches that are being filled, by session or partition key.
    open: BTreeMap<Option<String>, OpenBatch>,
    open_bytes: usize,
    under_way: VecDeque<UnderWay>,
    /// In the order of the messages; `None` where there is none yet.
    results: Vec<Option<Result<()>>>,
    /// Why nothing leaves any more.
    ended: Option<Error>,
}

#[derive(Default)]
struct OpenBatch {
    payload: BatchPayload,
    /// Where the results of its messages go.
    places: Vec<usize>,
}

struct UnderWay {
    started: Started<()>,
    places: Vec<usize>,
}

impl<'a> Sending<'a> {
    fn new(sender: &'a Sender) -> Self {
        Sending {
            sender,
            deadline: sender.deadline(),
            max_batch: usize::try_from(sender.limits().batch).unwrap_or(usize::MAX),
            open: BTreeMap::new(),
            open_bytes: 0,
            under_way: VecDeque::new(),
            results: Vec::new(),
            ended: None,
        }
    }

    /// The next message.
    fn take(&mut self, message: &Message) {
        let place = self.results.len();
        self.results.push(None);
        if let Some(error) = self.ended.clone() {
            return self.decide(&[place], Err(error));
        }
        let message = &*self.sender.trace_source().traced(message);
        let added = self
            .add(message, place)
            .or_else(|error| {
                if error.kind() != ErrorKind::MessageSizeExceeded {
                    return Err(error);
                }
                self.send_open(key(message));
                self.add(message, place)
            })
            .or_else(|error| {
                if error.kind() != ErrorKind::MessageSizeExceeded {
                    return Err(error);
                }
                // Some entities take a message that is larger than any batch.
                let identified = message.amqp().properties.message_id.is_some();
                let payload = Payload::message(encode(message)?).identified(identified);
                self.send(payload, vec![place]);
                Ok(())
            });
        if added.is_err() {
            self.decide(&[place], added);
        }
        if self.open_bytes > MAX_OPEN_BYTES || self.open.len() > MAX_OPEN_BATCHES {
            self.send_all_open();
        }
    }

    fn add(&mut self, message: &Message, place: usize) -> Result<()> {
        let batch = self.open.entry(key(message)).or_default();
        let before = batch.payload.size();
        batch.payload.add(message, self.max_batch)?;
        self.open_bytes += batch.payload.size() - before;
        batch.places.push(place);
        if batch.places.len() == MAX_BATCH_COUNT {
            self.send_open(key(message));
        }
        Ok(())
    }

    fn send_open(&mut self, key: Option<String>) {
        if let Some(batch) = self.open.remove(&key) {
            self.send_batch(batch);
        }
    }

    fn send_all_open(&mut self) {
        for batch in mem::take(&mut self.open).into_values() {
            self.send_batch(batch);
        }
    }

    fn send_batch(&mut self, batch: OpenBatch) {
        self.open_bytes -= batch.payload.size();
        if let Some(payload) = batch.payload.into_payload() {
            self.send(payload, batch.places);
        }
    }

    fn send(&mut self, payload: Payload, places: Vec<usize>) {
        while let Some(first) = self.under_way.front() {
            if !first.started.is_answered() {
                break;
            }
            self.await_first();
        }
        let started = match &self.ended {
            Some(error) => Err(error.clone()),
            None => self.sender.start(payload, self.deadline),
        };
        match started {
            Ok(started) => self.under_way.push_back(UnderWay { started, places }),
            Err(error) => {
                self.ended = Some(error.clone());
                self.decide(&places, Err(error));
            }
        }
    }

    /// Waits for the answer to what left first.
    fn await_first(&mut self) {
        if let Some(UnderWay { started, places }) = self.under_way.pop_front() {
            let answer = self.sender.runtime().answer(&started, self.deadline);
            self.decide(&places, answer);
        }
    }

    fn decide(&mut self, places: &[usize], result: Result<()>) {
        let result = result.map_err(|error| self.sender.describe(error, OPERATION));
        for place in places {
            if let Some(slot) = self.results.get_mut(*place) {
                *slot = Some(result.clone());
            }
        }
    }

    fn finish(mut self) -> Vec<Result<()>> {
        self.send_all_open();
        while !self.under_way.is_empty() {
            self.await_first();
        }
        let undecided = || Err(Error::new(ErrorKind::Internal, "a message has no result"));
        self.results
            .into_iter()
            .map(|result| result.unwrap_or_else(undecided))
            .collect()
    }
}

/// What the messages of a batch have in common: the entity places a batch by its first message.
fn key(message: &Message) -> Option<String> {
    let key = message.session_id().or(message.partition_key());
    key.map(str::to_owned)
}
