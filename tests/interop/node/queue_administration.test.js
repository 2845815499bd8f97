// Queues, managed by the JavaScript SDK.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration, administrationWith } = require("./administration.js");
const { Emulator } = require("./programs.js");
const { refused, refusedByHttp } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const FOREVER = "P10675199DT2H48M5.4775807S";

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

test("a queue has the service's defaults", async () => {
  const created = await admin.createQueue(queue);
  assert.equal(created._response.status, 201);
  const expected = {
    name: queue,
    lockDuration: "PT1M",
    maxSizeInMegabytes: 1024,
    maxMessageSizeInKilobytes: 256,
    requiresDuplicateDetection: false,
    requiresSession: false,
    defaultMessageTimeToLive: FOREVER,
    deadLetteringOnMessageExpiration: false,
    duplicateDetectionHistoryTimeWindow: "PT10M",
    maxDeliveryCount: 10,
    enableBatchedOperations: true,
    authorizationRules: undefined,
    status: "Active",
    forwardTo: undefined,
    userMetadata: undefined,
    autoDeleteOnIdle: FOREVER,
    enablePartitioning: false,
    forwardDeadLetteredMessagesTo: undefined,
    enableExpress: false,
    availabilityStatus: "Available",
  };
  assert.deepEqual({ ...created }, expected);
  assert.deepEqual({ ...(await admin.getQueue(queue)) }, expected);
});

test("a queue comes back as it was created", async () => {
  await admin.createQueue(`${queue}-next`);
  const options = {
    lockDuration: "PT45S",
    maxSizeInMegabytes: 2048,
    requiresDuplicateDetection: true,
    requiresSession: false,
    defaultMessageTimeToLive: "P2D",
    deadLetteringOnMessageExpiration: true,
    duplicateDetectionHistoryTimeWindow: "PT2M",
    maxDeliveryCount: 8,
    enableBatchedOperations: false,
    status: "SendDisabled",
    userMetadata: "for <tests> & \"more\"",
    autoDeleteOnIdle: FOREVER,
    enablePartitioning: false,
    enableExpress: false,
    forwardTo: `${queue}-next`,
    forwardDeadLetteredMessagesTo: `${queue}-next`,
    authorizationRules: [
      { claimType: "SharedAccessKey", accessRights: ["Send"], keyName: "writer", primaryKey: "first", secondaryKey: "second" },
    ],
  };
  const created = await admin.createQueue(queue, { ...options });
  const next = `sb://localhost/${queue}-next`;
  const shown = { ...options, forwardTo: next, forwardDeadLetteredMessagesTo: next };
  for (const [name, value] of Object.entries(shown)) {
    if (name !== "authorizationRules") assert.deepEqual(created[name], value, name);
  }
  const [rule] = created.authorizationRules;
  assert.deepEqual(
    [rule.claimType, rule.accessRights, rule.keyName, rule.primaryKey, rule.secondaryKey],
    ["SharedAccessKey", ["Send"], "writer", "first", "second"],
  );
});

test("an update changes what may change", async () => {
  const found = await admin.createQueue(queue);
  Object.assign(found, { lockDuration: "PT30S", maxDeliveryCount: 3, status: "Disabled", userMetadata: "later" });
  const updated = await admin.updateQueue(found);
  assert.equal(updated._response.status, 200);
  const again = await admin.getQueue(queue);
  for (const one of [updated, again]) {
    assert.deepEqual(
      [one.lockDuration, one.maxDeliveryCount, one.status, one.userMetadata],
      ["PT30S", 3, "Disabled", "later"],
    );
  }
  const sender = client.createSender(queue);
  await refused(sender.sendMessages({ body: "x" }), "MessagingEntityDisabled");
  await admin.updateQueue({ ...again, status: "Active" });
  await client.createSender(queue).sendMessages({ body: "x" });
});

test("what cannot change is refused", async () => {
  const found = await admin.createQueue(queue);
  await refusedByHttp(admin.updateQueue({ ...found, requiresSession: true }), "ServiceError", 400, /RequiresSession/);
  await refusedByHttp(
    admin.updateQueue({ ...found, requiresDuplicateDetection: true }),
    "ServiceError",
    400,
    /RequiresDuplicateDetection/,
  );
});

test("values out of their range are refused", async () => {
  const wrong = [
    [{ lockDuration: "PT10M" }, /LockDuration/],
    [{ maxDeliveryCount: 0 }, /MaxDeliveryCount/],
    [{ duplicateDetectionHistoryTimeWindow: "P8D", requiresDuplicateDetection: true }, /DuplicateDetectionHistoryTimeWindow/],
    [{ autoDeleteOnIdle: "PT1M" }, /AutoDeleteOnIdle/],
  ];
  for (const [options, text] of wrong) await refusedByHttp(admin.createQueue(queue, options), "ServiceError", 400, text);
  assert.equal(await admin.queueExists(queue), false);
});

test("an absent queue is told", async () => {
  const absent = (attempt, status) => refusedByHttp(attempt, "MessageEntityNotFoundError", status, /./);
  await absent(admin.getQueue(queue), 200);
  await absent(admin.getQueueRuntimeProperties(queue), 200);
  await absent(admin.deleteQueue(queue), 404);
  await admin.createQueue(`${queue}-other`);
  const other = await admin.getQueue(`${queue}-other`);
  await absent(admin.updateQueue({ ...other, name: queue }), 404);
  assert.equal(await admin.queueExists(queue), false);
});

test("a name is used once", async () => {
  await admin.createQueue(queue);
  assert.equal(await admin.queueExists(queue), true);
  const used = (attempt) => refusedByHttp(attempt, "MessageEntityAlreadyExistsError", 409, /SubCode=40900|already exists/);
  await used(admin.createQueue(queue));
  await used(admin.createQueue(queue.toUpperCase()));
  await used(admin.createTopic(queue));
});

test("a name may have slashes", async () => {
  const name = `${queue}/of/department`;
  assert.equal((await admin.createQueue(name)).name, name);
  assert.equal((await admin.getQueue(name)).name, name);
  await client.createSender(name).sendMessages({ body: "deep" });
  const [received] = await client.createReceiver(name).receiveMessages(1, WAIT);
  assert.equal(received.body, "deep");
  await admin.deleteQueue(name);
  assert.equal(await admin.queueExists(name), false);
});

test("counts follow the messages", async () => {
  await admin.createQueue(queue);
  const sender = client.createSender(queue);
  await sender.sendMessages(["a", "b", "c"].map((body) => ({ body })));
  await sender.scheduleMessages({ body: "later" }, new Date(Date.now() + 60_000));
  const receiver = client.createReceiver(queue);
  const [first] = await receiver.receiveMessages(1, WAIT);
  await receiver.deadLetterMessage(first);
  const runtime = await admin.getQueueRuntimeProperties(queue);
  assert.deepEqual(
    [
      runtime.name,
      runtime.totalMessageCount,
      runtime.activeMessageCount,
      runtime.deadLetterMessageCount,
      runtime.scheduledMessageCount,
      runtime.transferMessageCount,
      runtime.transferDeadLetterMessageCount,
    ],
    [queue, 4, 2, 1, 1, 0, 0],
  );
  assert.ok(runtime.sizeInBytes > 0, String(runtime.sizeInBytes));
  for (const at of [runtime.createdAt, runtime.modifiedAt, runtime.accessedAt]) {
    assert.ok(Math.abs(at - Date.now()) < 60_000, String(at));
  }
});

test("a deleted queue takes its messages and links along", async () => {
  await admin.createQueue(queue);
  await client.createSender(queue).sendMessages({ body: "gone" });
  const receiver = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
  const told = new Promise((resolve) => {
    receiver.subscribe({
      processMessage: () => admin.deleteQueue(queue),
      processError: async ({ error }) => {
        if (error.code === "MessagingEntityNotFound") resolve();
      },
    });
  });
  await told;
  await receiver.close();
  await refused(client.createSender(queue).sendMessages({ body: "lost" }), "MessagingEntityNotFound");
  await admin.createQueue(queue);
  assert.equal((await admin.getQueueRuntimeProperties(queue)).totalMessageCount, 0);
});

test("a listing goes on where a page ends", async (t) => {
  const own = await Emulator.start(5);
  t.after(() => own.stop());
  const lister = administration(own);
  const names = ["q0", "q1", "q2", "q3", "q4"];
  const pages = [];
  for await (const page of lister.listQueues().byPage({ maxPageSize: 2 })) pages.push(page.map((one) => one.name));
  assert.deepEqual(pages, [["q0", "q1"], ["q2", "q3"], ["q4"]]);
  const listed = [];
  for await (const one of lister.listQueues()) listed.push(one.name);
  assert.deepEqual(listed, names);
  const counted = [];
  for await (const page of lister.listQueuesRuntimeProperties().byPage({ maxPageSize: 3 })) {
    counted.push(...page.map((one) => [one.name, one.activeMessageCount]));
  }
  assert.deepEqual(counted, names.map((name) => [name, 0]));
  const rest = [];
  for await (const page of lister.listQueues().byPage({ maxPageSize: 2, continuationToken: "3" })) {
    rest.push(...page.map((one) => one.name));
  }
  assert.deepEqual(rest, ["q3", "q4"]);
});

test("an older version knows less", async () => {
  const older = administration(emulator, { serviceVersion: "2017-04" });
  const created = await older.createQueue(queue);
  assert.equal(created.maxMessageSizeInKilobytes, undefined);
  assert.equal((await admin.getQueue(queue)).maxMessageSizeInKilobytes, 256);
});

test("a wrong key is refused", async () => {
  const stranger = administrationWith(emulator, { name: emulator.key[0], key: "wrong" });
  await refusedByHttp(stranger.createQueue(queue), "UnauthorizedRequestError", 401, /./);
  assert.equal(await admin.queueExists(queue), false);
});
