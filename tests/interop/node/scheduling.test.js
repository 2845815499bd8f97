// What becomes of messages later: schedules, deferral, expiry and duplicates, as the JavaScript SDK sees them.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const Long = require("long");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Control } = require("./control.js");
const { Emulator } = require("./programs.js");
const { refused } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const HOUR = 3_600_000;

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

beforeEach(() => {
  queues += 1;
  queue = `queue-${queues}`;
});

async function inAnHour() {
  return new Date((await control.now()).getTime() + HOUR);
}

/** Everything that is there now, in the order in which it comes; deleted as it is received. */
async function taken(entity = queue, options = {}) {
  const receiver = client.createReceiver(entity, { receiveMode: "receiveAndDelete", ...options });
  const found = [];
  for (;;) {
    const batch = await receiver.receiveMessages(10, BRIEFLY);
    if (batch.length === 0) break;
    found.push(...batch);
  }
  await receiver.close();
  return found;
}

const bodies = (received) => received.map((one) => one.body);

test("scheduled messages come at their time, and not those that were cancelled", async () => {
  await admin.createQueue(queue);
  const sender = client.createSender(queue);
  const at = await inAnHour();
  const numbers = await sender.scheduleMessages(["a", "b", "c"].map((body) => ({ body })), at);
  assert.deepEqual(numbers.map((one) => one.toNumber()), [1, 2, 3]);
  await sender.cancelScheduledMessages(numbers[1]);
  const receiver = client.createReceiver(queue);
  const peeked = await receiver.peekMessages(5);
  assert.deepEqual(
    peeked.map((one) => [one.body, one.state, one.scheduledEnqueueTimeUtc.getTime()]),
    ["a", "c"].map((body) => [body, "scheduled", at.getTime()]),
  );
  assert.deepEqual(await receiver.receiveMessages(1, BRIEFLY), []);
  await control.advance("PT1H1S");
  const received = await receiver.receiveMessages(2, WAIT);
  assert.deepEqual(received.map((one) => [one.body, one.state]), [["a", "active"], ["c", "active"]]);
  assert.ok(received[0].sequenceNumber.greaterThan(numbers[2]), String(received[0].sequenceNumber));
  assert.equal(received[0].enqueuedTimeUtc.getTime(), at.getTime());
});

test("what is not scheduled cannot be cancelled", async () => {
  await admin.createQueue(queue);
  const sender = client.createSender(queue);
  const number = (await sender.scheduleMessages({ body: "x" }, await inAnHour()))[0];
  await refused(sender.cancelScheduledMessages([number, Long.fromNumber(99)]), "MessageNotFound");
  assert.equal((await admin.getQueueRuntimeProperties(queue)).scheduledMessageCount, 1);
});

test("a schedule may come with the message, and go to a topic", async () => {
  await admin.createTopic(queue);
  await admin.createSubscription(queue, "s");
  const sender = client.createSender(queue);
  await sender.sendMessages({ body: "sent", scheduledEnqueueTimeUtc: await inAnHour() });
  await sender.scheduleMessages({ body: "scheduled" }, await inAnHour());
  assert.equal((await admin.getTopicRuntimeProperties(queue)).scheduledMessageCount, 2);
  const receiver = client.createReceiver(queue, "s");
  assert.deepEqual(await receiver.peekMessages(5), []);
  await control.advance("PT1H1S");
  assert.deepEqual(bodies(await receiver.receiveMessages(2, WAIT)), ["sent", "scheduled"]);
});

test("a message that is too large cannot be scheduled", async () => {
  await admin.createQueue(queue);
  const sender = client.createSender(queue);
  await refused(sender.scheduleMessages({ body: "x".repeat(300_000) }, await inAnHour()), "MessageSizeExceeded");
});

test("a deferred message is had by its number until it is settled", async () => {
  await admin.createQueue(queue);
  await client.createSender(queue).sendMessages([{ body: "a" }, { body: "b" }]);
  const receiver = client.createReceiver(queue);
  const [first] = await receiver.receiveMessages(1, WAIT);
  await receiver.deferMessage(first, { step: 1 });
  assert.deepEqual((await receiver.peekMessages(2)).map((one) => one.state), ["deferred", "active"]);
  const number = first.sequenceNumber;
  const [deferred] = await receiver.receiveDeferredMessages(number);
  assert.deepEqual([deferred.body, deferred.state, deferred.applicationProperties], ["a", "deferred", { step: 1 }]);
  assert.ok(deferred.lockToken.length === 36 && deferred.lockedUntilUtc > (await control.now()));
  await refused(receiver.receiveDeferredMessages(number), "MessageNotFound");
  assert.ok((await receiver.renewMessageLock(deferred)) >= deferred.lockedUntilUtc);
  await receiver.abandonMessage(deferred, { step: 2 });
  const [again] = await receiver.receiveDeferredMessages([number]);
  // The service counts a deferral as well.
  assert.deepEqual([again.deliveryCount, again.applicationProperties.step], [2, 2]);
  await receiver.deferMessage(again);
  const [last] = await receiver.receiveDeferredMessages(number);
  await receiver.completeMessage(last);
  await refused(receiver.receiveDeferredMessages(number), "MessageNotFound");
  await refused(receiver.receiveDeferredMessages(Long.fromNumber(2)), "MessageNotFound");
});

test("a deferred message is dead-lettered, or deleted as it is received", async () => {
  await admin.createQueue(queue);
  await client.createSender(queue).sendMessages([{ body: "a" }, { body: "b" }]);
  const receiver = client.createReceiver(queue);
  const received = await receiver.receiveMessages(2, WAIT);
  for (const one of received) await receiver.deferMessage(one);
  const [first] = await receiver.receiveDeferredMessages(received[0].sequenceNumber);
  await receiver.deadLetterMessage(first, { deadLetterReason: "why", deadLetterErrorDescription: "in detail", more: 1 });
  const [dead] = await taken(queue, { subQueueType: "deadLetter" });
  assert.deepEqual([dead.deadLetterReason, dead.deadLetterErrorDescription, dead.applicationProperties.more], ["why", "in detail", 1]);
  const deleting = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
  assert.deepEqual(bodies(await deleting.receiveDeferredMessages(received[1].sequenceNumber)), ["b"]);
  assert.equal((await admin.getQueueRuntimeProperties(queue)).totalMessageCount, 0);
});

test("what expires is gone, or dead where the queue says so", async () => {
  await admin.createQueue(queue, { deadLetteringOnMessageExpiration: true, defaultMessageTimeToLive: "PT1H" });
  await admin.createQueue(`${queue}-plain`);
  for (const name of [queue, `${queue}-plain`]) {
    await client.createSender(name).sendMessages([{ body: "soon", timeToLive: 60_000 }, { body: "late" }]);
  }
  const [soon, late] = await client.createReceiver(queue).peekMessages(2);
  assert.deepEqual([soon.timeToLive, late.timeToLive], [60_000, HOUR]);
  assert.equal(soon.expiresAtUtc - soon.enqueuedTimeUtc, 60_000);
  await control.advance("PT2M");
  assert.deepEqual(bodies(await taken(queue)), ["late"]);
  assert.deepEqual(bodies(await taken(`${queue}-plain`)), ["late"]);
  const [dead] = await taken(queue, { subQueueType: "deadLetter" });
  assert.deepEqual(
    [dead.body, dead.deadLetterReason, dead.deadLetterErrorDescription],
    ["soon", "TTLExpiredException", "The message expired and was dead lettered."],
  );
  assert.deepEqual(await taken(`${queue}-plain`, { subQueueType: "deadLetter" }), []);
});

test("a duplicate is dropped within the window, and no longer", async () => {
  await admin.createQueue(queue, { requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: "PT1M" });
  const sender = client.createSender(queue);
  const message = (body) => ({ body, messageId: "same" });
  await sender.sendMessages(message("first"));
  await sender.sendMessages([message("second"), { body: "other", messageId: "other" }]);
  await sender.scheduleMessages(message("third"), await inAnHour());
  assert.deepEqual(bodies(await taken()), ["first", "other"]);
  await control.advance("PT61S");
  await sender.sendMessages(message("fourth"));
  assert.deepEqual(bodies(await taken()), ["fourth"]);
});
