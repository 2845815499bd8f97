// Dead-letter queues, forwarding and what goes wrong on the way, as the JavaScript SDK sees them.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Emulator } = require("./programs.js");
const { refused, refusedByHttp } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };

let emulator;
let admin;
let client;
let queue;
let queues = 0;

before(async () => {
  emulator = await Emulator.start(0);
  admin = administration(emulator);
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

async function takenOne(...entity) {
  const options = typeof entity.at(-1) === "object" ? entity.pop() : {};
  const receiver = client.createReceiver(...entity, { receiveMode: "receiveAndDelete", ...options });
  const [received] = await receiver.receiveMessages(1, WAIT);
  await receiver.close();
  assert.ok(received, `nothing in ${entity.join("/")} ${JSON.stringify(options)}`);
  return received;
}

async function receiveFrom(entity, settle, options) {
  const receiver = client.createReceiver(entity, options);
  const [received] = await receiver.receiveMessages(1, WAIT);
  await settle(receiver, received);
  await receiver.close();
}

test("too many deliveries end in the dead-letter queue", async () => {
  await admin.createQueue(queue, { maxDeliveryCount: 2 });
  await client.createSender(queue).sendMessages({ body: "bad", messageId: "kept" });
  for (let time = 0; time < 2; time++) {
    await receiveFrom(queue, (receiver, one) => receiver.abandonMessage(one));
  }
  const dead = await takenOne(queue, { subQueueType: "deadLetter" });
  assert.deepEqual(
    [dead.body, dead.messageId, dead.deliveryCount, dead.deadLetterReason, dead.deadLetterErrorDescription],
    ["bad", "kept", 2, "MaxDeliveryCountExceeded", "Message could not be consumed after 2 delivery attempts."],
  );
});

test("a dead letter can be settled in every way but one", async () => {
  await admin.createQueue(queue);
  await client.createSender(queue).sendMessages({ body: "bad" });
  await receiveFrom(queue, (receiver, one) => receiver.deadLetterMessage(one));
  const dead = { subQueueType: "deadLetter" };
  await receiveFrom(queue, (receiver, one) => receiver.abandonMessage(one), dead);
  await receiveFrom(
    queue,
    async (receiver, one) => {
      await receiver.deferMessage(one);
      const [deferred] = await receiver.receiveDeferredMessages(one.sequenceNumber);
      await receiver.completeMessage(deferred);
      assert.deepEqual(await receiver.peekMessages(1), []);
    },
    dead,
  );
});

test("messages and dead letters are forwarded along a chain", async () => {
  await admin.createQueue(`${queue}-end`);
  await admin.createTopic(`${queue}-topic`);
  await admin.createSubscription(`${queue}-topic`, "s", { forwardTo: `${queue}-end` });
  await admin.createQueue(queue, { forwardTo: `${queue}-topic` });
  await admin.createQueue(`${queue}-failing`, { forwardDeadLetteredMessagesTo: `${queue}-end` });
  await client.createSender(queue).sendMessages({ body: "forwarded", applicationProperties: { kept: 1 } });
  const forwarded = await takenOne(`${queue}-end`);
  assert.deepEqual([forwarded.body, forwarded.applicationProperties.kept], ["forwarded", 1]);
  await client.createSender(`${queue}-failing`).sendMessages({ body: "bad" });
  await receiveFrom(`${queue}-failing`, (receiver, one) => receiver.deadLetterMessage(one, { deadLetterReason: "why" }));
  const dead = await takenOne(`${queue}-end`);
  assert.deepEqual([dead.body, dead.deadLetterReason, dead.deadLetterSource], ["bad", "why", `${queue}-failing`]);
});

test("a queue that forwards cannot be received from", async () => {
  await admin.createQueue(`${queue}-end`);
  await admin.createQueue(queue, { forwardTo: `${queue}-end` });
  await refused(client.createReceiver(queue).receiveMessages(1, WAIT), "GeneralError", /auto.?forwarding/i);
});

test("where forwarding leads is checked", async () => {
  await refusedByHttp(admin.createQueue(queue, { forwardTo: `${queue}-absent` }), "ServiceError", 400, /./);
  await refusedByHttp(admin.createQueue(queue, { forwardTo: queue }), "ServiceError", 400, /./);
  assert.equal(await admin.queueExists(queue), false);
});

test("what cannot be forwarded is kept where it failed", async () => {
  await admin.createQueue(`${queue}-end`);
  await admin.createQueue(queue, { forwardTo: `${queue}-end` });
  const end = await admin.getQueue(`${queue}-end`);
  await admin.updateQueue({ ...end, status: "SendDisabled" });
  await client.createSender(queue).sendMessages({ body: "stuck" });
  assert.equal((await admin.getQueueRuntimeProperties(queue)).transferDeadLetterMessageCount, 1);
  const stuck = await takenOne(queue, { subQueueType: "transferDeadLetter" });
  assert.equal(stuck.body, "stuck");
  assert.match(stuck.deadLetterReason, /Disabled/);
});

test("more than four hops are too many", async () => {
  const names = Array.from({ length: 6 }, (_, hop) => `${queue}-${hop}`);
  for (const [hop, name] of [...names.entries()].reverse()) {
    await admin.createQueue(name, hop < 5 ? { forwardTo: names[hop + 1] } : {});
  }
  await client.createSender(names[1]).sendMessages({ body: "arrives" });
  assert.equal((await takenOne(names[5])).body, "arrives");
  await client.createSender(names[0]).sendMessages({ body: "lost" });
  const lost = await takenOne(names[4], { subQueueType: "transferDeadLetter" });
  assert.deepEqual(
    [lost.body, lost.deadLetterReason, lost.deadLetterErrorDescription],
    [
      "lost",
      "MaxTransferHopCountExceeded",
      "The maximum number of allowed hops when forwarding between entities has been exceeded. This value is set to 4.",
    ],
  );
});

test("a filter that fails leaves a dead letter where the subscription says so", async () => {
  await admin.createTopic(queue);
  const failing = { name: "failing", filter: { sqlExpression: "sys.nothing = 1" } };
  for (const [name, kept] of [["kept", true], ["dropped", false]]) {
    const options = { deadLetteringOnFilterEvaluationExceptions: kept, defaultRuleOptions: failing };
    await admin.createSubscription(queue, name, options);
  }
  await client.createSender(queue).sendMessages({ body: "unfiltered" });
  assert.equal((await takenOne(queue, "kept", { subQueueType: "deadLetter" })).body, "unfiltered");
  assert.equal((await admin.getSubscriptionRuntimeProperties(queue, "dropped")).totalMessageCount, 0);
});
