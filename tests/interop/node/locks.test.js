// Locks of messages as the JavaScript SDK sees them: renewed, lost, and settled without their link.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Control } = require("./control.js");
const { Emulator } = require("./programs.js");
const { refused } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const NO_RENEWAL = { maxAutoLockRenewalDurationInMs: 0 };

let emulator;
let admin;
let control;
let client;
let queue;
let queues = 0;

before(async () => {
  emulator = await Emulator.start(0);
  admin = administration(emulator);
  control = new Control(emulator);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(async () => {
  queues += 1;
  queue = `queue-${queues}`;
  await admin.createQueue(queue, { lockDuration: "PT30S", maxDeliveryCount: 3 });
});

async function send(...bodies) {
  const sender = client.createSender(queue);
  await sender.sendMessages(bodies.map((body) => ({ body })));
  await sender.close();
}

async function receiveOne(receiver) {
  const [received] = await receiver.receiveMessages(1, WAIT);
  assert.ok(received, "nothing came");
  return received;
}

async function total() {
  return (await admin.getQueueRuntimeProperties(queue)).totalMessageCount;
}

test("a lock lasts as long as the queue says, from its renewal on", async () => {
  await send("x");
  const receiver = client.createReceiver(queue, NO_RENEWAL);
  const received = await receiveOne(receiver);
  const left = received.lockedUntilUtc - (await control.now());
  assert.ok(left > 20_000 && left <= 30_000, `${left} ms are left`);
  await control.advance("PT20S");
  const renewed = await receiver.renewMessageLock(received);
  assert.ok(renewed - received.lockedUntilUtc >= 0 && renewed - (await control.now()) <= 30_000, String(renewed));
  await control.advance("PT20S");
  await receiver.completeMessage(received);
  assert.equal(await total(), 0);
});

test("a lost lock is told, and the message comes again", async () => {
  await send("x");
  const receiver = client.createReceiver(queue, NO_RENEWAL);
  const received = await receiveOne(receiver);
  await control.advance("PT31S");
  await refused(receiver.renewMessageLock(received), "MessageLockLost", /lock supplied is invalid/);
  await refused(receiver.completeMessage(received), "MessageLockLost", /lock supplied is invalid/);
  const again = await receiveOne(receiver);
  assert.equal(again.deliveryCount, 1);
  assert.notEqual(again.lockToken, received.lockToken);
  await receiver.completeMessage(again);
  await assert.rejects(receiver.completeMessage(again), /already settled/);
});

for (const settle of ["abandonMessage", "deferMessage", "deadLetterMessage"]) {
  test(`a lost lock is told: ${settle}`, async () => {
    await send("x");
    const receiver = client.createReceiver(queue, NO_RENEWAL);
    const received = await receiveOne(receiver);
    await control.advance("PT31S");
    await refused(receiver[settle](received), "MessageLockLost", /lock supplied is invalid/);
    assert.equal((await receiveOne(receiver)).deliveryCount, 1);
  });
}

test("locks that are lost too often end in the dead-letter queue", async () => {
  await send("x");
  const receiver = client.createReceiver(queue, NO_RENEWAL);
  for (let time = 0; time < 3; time++) {
    assert.equal((await receiveOne(receiver)).deliveryCount, time);
    await control.advance("PT31S");
  }
  const [dead] = await client.createReceiver(queue, { subQueueType: "deadLetter" }).receiveMessages(1, WAIT);
  assert.deepEqual([dead.deadLetterReason, dead.deliveryCount], ["MaxDeliveryCountExceeded", 3]);
});

test("settlements change properties", async () => {
  await send("x");
  const receiver = client.createReceiver(queue);
  await receiver.abandonMessage(await receiveOne(receiver), { a: 1, b: "text" });
  const again = await receiveOne(receiver);
  assert.deepEqual(again.applicationProperties, { a: 1, b: "text" });
  await receiver.deadLetterMessage(again, { b: "other", c: true });
  const [dead] = await client.createReceiver(queue, { subQueueType: "deadLetter" }).receiveMessages(1, WAIT);
  assert.deepEqual(dead.applicationProperties, { a: 1, b: "other", c: true });
});

test("a message is settled after its receiver is closed", async () => {
  await send("a", "b", "c");
  const receiver = client.createReceiver(queue, NO_RENEWAL);
  const [first, second, third] = await receiver.receiveMessages(3, WAIT);
  const deleted = await control.fault("detach-link", { condition: "amqp:link:detach-forced", entity: queue });
  assert.equal(await control.hits(deleted), 1);
  await receiver.completeMessage(first);
  await receiver.abandonMessage(second, { seen: 1 });
  await receiver.deadLetterMessage(third, { deadLetterReason: "why" });
  const again = await receiveOne(receiver);
  assert.deepEqual([again.body, again.deliveryCount, again.applicationProperties], ["b", 1, { seen: 1 }]);
  await receiver.completeMessage(again);
  const [dead] = await client.createReceiver(queue, { subQueueType: "deadLetter" }).receiveMessages(1, WAIT);
  assert.deepEqual([dead.body, dead.deadLetterReason], ["c", "why"]);
});

test("a lock that is lost is told over the management link as well", async () => {
  await send("x");
  const receiver = client.createReceiver(queue, NO_RENEWAL);
  const received = await receiveOne(receiver);
  await control.fault("cut-stream");
  await control.advance("PT31S");
  await refused(receiver.completeMessage(received), "MessageLockLost");
  assert.equal((await receiveOne(receiver)).deliveryCount, 1);
});

test("a receiver that is closed leaves its locks, and gives back what it never showed", async () => {
  await send("a", "b");
  const receiver = client.createReceiver(queue, NO_RENEWAL);
  assert.equal((await receiveOne(receiver)).body, "a");
  await receiver.close();
  const second = client.createReceiver(queue, NO_RENEWAL);
  const received = await second.receiveMessages(2, BRIEFLY);
  assert.deepEqual(received.map((one) => [one.body, one.deliveryCount]), [["b", 0]]);
  await control.advance("PT31S");
  assert.deepEqual((await second.receiveMessages(2, WAIT)).map((one) => one.body), ["a", "b"]);
});

test("peeking leaves everything as it is, and shows every state", async () => {
  await send("locked", "deferred", "active");
  const receiver = client.createReceiver(queue);
  await receiveOne(receiver);
  await receiver.deferMessage(await receiveOne(receiver));
  const peeked = await client.createReceiver(queue).peekMessages(10);
  assert.deepEqual(
    peeked.map((one) => [one.body, one.state, one.lockToken]),
    [["locked", "active", undefined], ["deferred", "deferred", undefined], ["active", "active", undefined]],
  );
  const from = { fromSequenceNumber: peeked[1].sequenceNumber };
  assert.deepEqual((await receiver.peekMessages(1, from)).map((one) => one.body), ["deferred"]);
  assert.deepEqual((await receiver.peekMessages(5)).map((one) => one.body), ["active"]);
  assert.deepEqual(await receiver.peekMessages(5), []);
  const [bare] = await receiver.peekMessages(1, { ...from, omitMessageBody: true });
  assert.deepEqual([bare.body, bare.sequenceNumber.toNumber()], [undefined, 2]);
});
