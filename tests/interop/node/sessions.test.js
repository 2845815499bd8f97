// Sessions, as the JavaScript SDK sees them.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Control } = require("./control.js");
const { Emulator } = require("./programs.js");
const { refused } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
// What is refused is reported at once, and a wait for a session is over soon.
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 3_000 } };

let emulator;
let admin;
let control;
let client;
let queue;
let queues = 0;

before(async () => {
  emulator = await Emulator.start(1);
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
  queue = `sessions-${queues}`;
  await admin.createQueue(queue, { lockDuration: "PT1M", requiresSession: true });
});

async function send(sessionId, ...bodies) {
  const sender = client.createSender(queue);
  await sender.sendMessages(bodies.map((body) => ({ body, sessionId })));
  await sender.close();
}

const bodies = (received) => received.map((one) => one.body);

test("a holder gets the messages of its session, in their order", async () => {
  await send("a", "a1", "a2");
  await send("b", "b1");
  await send("a", "a3");
  const receiver = await client.acceptSession(queue, "a");
  assert.equal(receiver.sessionId, "a");
  const left = receiver.sessionLockedUntilUtc - (await control.now());
  assert.ok(left > 50_000 && left <= 60_000, `${left} ms are left`);
  const received = await receiver.receiveMessages(3, WAIT);
  assert.deepEqual(bodies(received), ["a1", "a2", "a3"]);
  for (const one of received) await receiver.completeMessage(one);
  assert.deepEqual(await receiver.receiveMessages(1, BRIEFLY), []);
  await receiver.close();
});

test("the next session is waited for", async () => {
  const accepted = client.acceptNextSession(queue);
  await send("late", "x");
  const receiver = await accepted;
  assert.equal(receiver.sessionId, "late");
  await receiver.close();
});

test("a wait without a session is over in time", async () => {
  await refused(client.acceptNextSession(queue), "ServiceTimeout", /allotted timeout of 00:00:0/);
});

test("a session has one holder", async () => {
  const receiver = await client.acceptSession(queue, "a");
  await refused(client.acceptSession(queue, "a"), "SessionCannotBeLocked", /session 'a'/);
  await receiver.close();
  await (await client.acceptSession(queue, "a")).close();
});

test("what does not fit the entity is refused", async () => {
  const plain = emulator.nextQueue();
  await refused(client.acceptNextSession(plain), "GeneralError", /does not require sessions/);
  const receiver = client.createReceiver(queue);
  await refused(receiver.receiveMessages(1, BRIEFLY), "GeneralError", /non-sessionful message receiver/);
  const sender = client.createSender(queue);
  await refused(sender.sendMessages({ body: "x" }), "GeneralError", /SessionId was not set/);
});

test("a state outlives its holder", async () => {
  let receiver = await client.acceptSession(queue, "a");
  await receiver.setSessionState({ step: 1 });
  await receiver.close();
  receiver = await client.acceptSession(queue, "a");
  assert.deepEqual(await receiver.getSessionState(), { step: 1 });
  await control.advance("PT30S");
  const renewed = (await receiver.renewSessionLock()) - (await control.now());
  assert.ok(renewed > 50_000 && renewed <= 60_000, `${renewed} ms are left`);
  await receiver.setSessionState(null);
  assert.equal(await receiver.getSessionState(), null);
  await receiver.close();
});

test("deferred messages are received, and all are seen, within a session", async () => {
  await send("a", "a1", "a2");
  await send("b", "b1");
  const receiver = await client.acceptSession(queue, "a");
  const [first] = await receiver.receiveMessages(1, WAIT);
  await receiver.deferMessage(first);
  assert.deepEqual(bodies(await receiver.peekMessages(10)), ["a1", "a2"]);
  const [again] = await receiver.receiveDeferredMessages(first.sequenceNumber);
  assert.equal(again.body, "a1");
  await receiver.completeMessage(again);
  await receiver.close();
});

test("closing a receiver frees what it has, and nothing counts", async () => {
  await send("a", "a1");
  let receiver = await client.acceptSession(queue, "a");
  await receiver.receiveMessages(1, WAIT);
  await receiver.close();
  receiver = await client.acceptNextSession(queue);
  const [again] = await receiver.receiveMessages(1, WAIT);
  assert.equal(again.deliveryCount, 0);
  await receiver.abandonMessage(again);
  const [abandoned] = await receiver.receiveMessages(1, WAIT);
  assert.equal(abandoned.deliveryCount, 1);
  await receiver.close();
});

test("a lost session is told, and its messages count", async () => {
  await send("a", "a1");
  const receiver = await client.acceptSession(queue, "a", { maxAutoLockRenewalDurationInMs: 0 });
  const [message] = await receiver.receiveMessages(1, WAIT);
  await control.advance("PT61S");
  // A verdict that crosses the end of its link is never answered.
  while (!receiver.isClosed) await new Promise((resolve) => setTimeout(resolve, 10));
  await refused(receiver.completeMessage(message), "SessionLockLost", /expired/);
  await refused(receiver.renewSessionLock(), "SessionLockLost");
  await refused(receiver.getSessionState(), "SessionLockLost");
  await receiver.close();
  const next = await client.acceptSession(queue, "a");
  const [again] = await next.receiveMessages(1, WAIT);
  assert.deepEqual([again.body, again.deliveryCount], ["a1", 1]);
  await next.close();
});

test("sessions are taken one after the other, those with messages alone", async () => {
  await send("a", "a1");
  await send("b", "b1");
  const taken = [await client.acceptNextSession(queue), await client.acceptNextSession(queue)];
  assert.deepEqual(taken.map((one) => one.sessionId), ["a", "b"]);
  await refused(client.acceptNextSession(queue), "ServiceTimeout");
  for (const receiver of taken) await receiver.close();
});

test("the dead letters of sessions are read without one", async () => {
  await send("a", "a1", "a2");
  const receiver = await client.acceptSession(queue, "a");
  for (const message of await receiver.receiveMessages(2, WAIT)) {
    await receiver.deadLetterMessage(message, { deadLetterReason: "why" });
  }
  await receiver.close();
  const dead = await client.createReceiver(queue, { subQueueType: "deadLetter" }).receiveMessages(2, WAIT);
  assert.deepEqual(dead.map((one) => [one.body, one.sessionId, one.deadLetterReason]), [["a1", "a", "why"], ["a2", "a", "why"]]);
});

test("scheduled messages come to their session", async () => {
  const sender = client.createSender(queue);
  const at = new Date((await control.now()).getTime() + 60_000);
  await sender.scheduleMessages({ body: "later", sessionId: "a" }, at);
  await refused(sender.scheduleMessages({ body: "none" }, at), "GeneralError", /SessionId was not set/);
  await control.advance("PT61S");
  const receiver = await client.acceptNextSession(queue);
  assert.deepEqual(bodies(await receiver.receiveMessages(1, WAIT)), ["later"]);
  await receiver.close();
});

test("the sessions of a subscription are its own", async () => {
  const topic = `${queue}-topic`;
  await admin.createTopic(topic);
  for (const name of ["s", "t"]) await admin.createSubscription(topic, name, { requiresSession: true });
  await client.createSender(topic).sendMessages({ body: "x", sessionId: "a" });
  const held = await client.acceptSession(topic, "s", "a");
  const next = await client.acceptNextSession(topic, "t");
  assert.deepEqual([held.sessionId, next.sessionId], ["a", "a"]);
  for (const receiver of [held, next]) {
    const [message] = await receiver.receiveMessages(1, WAIT);
    await receiver.completeMessage(message);
    await receiver.close();
  }
  assert.equal((await admin.getSubscriptionRuntimeProperties(topic, "s")).totalMessageCount, 0);
});
