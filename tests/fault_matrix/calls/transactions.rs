//! Work in a transaction, and its end.

use servicebus::{Message, ReceivedMessage, Receiver, Result, Sender, Transaction};

use crate::call::{single, Call, Prepared, COORDINATES, SENDS, SETTLES, TRANSACTION};
use crate::scene::{persist, Scene, LONG, QUEUE, TOPIC};

pub(super) fn calls() -> Vec<Call> {
    vec![
        // What nobody commits does not happen.
        Call::new("send in transaction", SENDS | TRANSACTION, send)
            .counts(TOPIC, 0, |totals| totals.passed_on),
        Call::new("complete in transaction", SETTLES | TRANSACTION, complete).counts(
            QUEUE,
            0,
            |totals| totals.completed,
        ),
        Call::new("commit", COORDINATES | TRANSACTION, commit)
            .counts(QUEUE, 1, |totals| totals.completed),
        Call::new("roll back", COORDINATES | TRANSACTION, roll_back)
            .counts(QUEUE, 0, |totals| totals.completed),
    ]
}

/// A transaction in which a message is sent and one completed.
struct Order {
    sender: Sender,
    receiver: Receiver,
    messages: Vec<ReceivedMessage>,
    /// Taken by what ends it.
    transaction: Option<Transaction>,
}

impl Order {
    fn begun(scene: &Scene) -> Result<Self> {
        let (receiver, messages) = scene.received(1)?;
        Ok(Order {
            sender: scene.sender()?,
            receiver,
            messages,
            transaction: Some(scene.transaction()?),
        })
    }

    fn worked(scene: &Scene) -> Result<Self> {
        let order = Self::begun(scene)?;
        order.send()?;
        order.complete()?;
        Ok(order)
    }

    fn send(&self) -> Result<()> {
        self.open().send_messages(&self.sender, Message::new("a"))
    }

    fn complete(&self) -> Result<()> {
        self.open()
            .complete_message(&self.receiver, &self.messages[0])
    }

    fn open(&self) -> &Transaction {
        self.transaction.as_ref().expect("it has not ended")
    }
}

fn send(scene: &Scene) -> Result<Prepared> {
    let sender = scene.client.topic_sender(TOPIC);
    let sender = sender.operation_timeout(LONG).open()?;
    let transaction = scene.transaction()?;
    single(move || transaction.send_messages(&sender, Message::new("a")))
}

fn complete(scene: &Scene) -> Result<Prepared> {
    let order = Order::begun(scene)?;
    single(move || order.complete())
}

fn ending(scene: &Scene, end: fn(Transaction) -> Result<()>) -> Result<Prepared> {
    let mut order = persist(|| Order::worked(scene))?;
    single(move || end(order.transaction.take().expect("it ends once")))
}

fn commit(scene: &Scene) -> Result<Prepared> {
    ending(scene, Transaction::commit)
}

fn roll_back(scene: &Scene) -> Result<Prepared> {
    ending(scene, Transaction::rollback)
}
