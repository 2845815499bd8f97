// Topics, subscriptions, rules and the namespace, managed by the JavaScript SDK over HTTP.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Emulator } = require("./programs.js");
const { refusedByHttp } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const FOREVER = "P10675199DT2H48M5.4775807S";

let emulator;
let admin;
let client;
let topic;
let topics = 0;

before(async () => {
  emulator = await Emulator.start(0);
  admin = administration(emulator);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(async () => {
  topics += 1;
  topic = `topic-${topics}`;
  await admin.createTopic(topic);
});

const absent = (attempt, status) => refusedByHttp(attempt, "MessageEntityNotFoundError", status, /./);
const used = (attempt) => refusedByHttp(attempt, "MessageEntityAlreadyExistsError", 409, /./);
const malformed = (attempt, text) => refusedByHttp(attempt, "ServiceError", 400, text);

async function all(listing) {
  const found = [];
  for await (const one of listing) found.push(one);
  return found;
}

async function pages(listing, maxPageSize, shown) {
  const found = [];
  for await (const page of listing.byPage({ maxPageSize })) found.push(page.map(shown));
  return found;
}

test("the namespace tells its tier and name", async () => {
  const found = await admin.getNamespaceProperties();
  assert.deepEqual([found.messagingSku, typeof found.name, found.messagingUnits], ["Standard", "string", undefined]);
  for (const at of [found.createdAt, found.modifiedAt]) assert.ok(at instanceof Date && !Number.isNaN(at.getTime()), String(at));
});

test("a topic has the service's defaults, and takes others", async () => {
  assert.deepEqual({ ...(await admin.getTopic(topic)) }, {
    name: topic,
    defaultMessageTimeToLive: FOREVER,
    maxSizeInMegabytes: 1024,
    maxMessageSizeInKilobytes: 256,
    requiresDuplicateDetection: false,
    duplicateDetectionHistoryTimeWindow: "PT10M",
    enableBatchedOperations: true,
    authorizationRules: undefined,
    status: "Active",
    userMetadata: undefined,
    supportOrdering: true,
    autoDeleteOnIdle: FOREVER,
    enablePartitioning: false,
    enableExpress: false,
    availabilityStatus: "Available",
  });
  const options = {
    defaultMessageTimeToLive: "PT2H",
    maxSizeInMegabytes: 3072,
    requiresDuplicateDetection: true,
    duplicateDetectionHistoryTimeWindow: "PT5M",
    enableBatchedOperations: false,
    status: "SendDisabled",
    userMetadata: "notes",
    supportOrdering: false,
    autoDeleteOnIdle: "PT1H",
  };
  const created = await admin.createTopic(`${topic}-other`, { ...options });
  for (const [name, value] of Object.entries(options)) assert.deepEqual(created[name], value, name);
});

test("a topic is updated, listed, counted and deleted", async () => {
  const found = await admin.getTopic(topic);
  const updated = await admin.updateTopic({ ...found, userMetadata: "later", defaultMessageTimeToLive: "PT1H" });
  assert.deepEqual([updated.userMetadata, updated.defaultMessageTimeToLive], ["later", "PT1H"]);
  await malformed(admin.updateTopic({ ...found, requiresDuplicateDetection: true }), /RequiresDuplicateDetection/);
  await admin.createSubscription(topic, "s");
  const runtime = await admin.getTopicRuntimeProperties(topic);
  assert.deepEqual([runtime.name, runtime.subscriptionCount, runtime.scheduledMessageCount], [topic, 1, 0]);
  const listed = await all(admin.listTopics());
  assert.ok(listed.some((one) => one.name === topic), JSON.stringify(listed.map((one) => one.name)));
  const counted = await all(admin.listTopicsRuntimeProperties());
  assert.equal(counted.find((one) => one.name === topic).subscriptionCount, 1);
  await admin.deleteTopic(topic);
  assert.equal(await admin.topicExists(topic), false);
  await absent(admin.getTopic(topic), 200);
  await absent(admin.deleteTopic(topic), 404);
  await absent(admin.getSubscription(topic, "s"), 200);
});

test("a subscription has the service's defaults, and takes others", async () => {
  assert.deepEqual({ ...(await admin.createSubscription(topic, "plain")) }, {
    subscriptionName: "plain",
    topicName: topic,
    lockDuration: "PT1M",
    requiresSession: false,
    defaultMessageTimeToLive: FOREVER,
    deadLetteringOnMessageExpiration: false,
    deadLetteringOnFilterEvaluationExceptions: true,
    maxDeliveryCount: 10,
    enableBatchedOperations: true,
    status: "Active",
    forwardTo: undefined,
    userMetadata: undefined,
    forwardDeadLetteredMessagesTo: undefined,
    autoDeleteOnIdle: FOREVER,
    availabilityStatus: "Available",
  });
  const options = {
    lockDuration: "PT20S",
    requiresSession: true,
    defaultMessageTimeToLive: "P1D",
    deadLetteringOnMessageExpiration: true,
    deadLetteringOnFilterEvaluationExceptions: false,
    maxDeliveryCount: 4,
    enableBatchedOperations: false,
    status: "ReceiveDisabled",
    userMetadata: "notes",
    autoDeleteOnIdle: "PT2H",
  };
  const created = await admin.createSubscription(topic, "other", { ...options });
  for (const [name, value] of Object.entries(options)) assert.deepEqual(created[name], value, name);
});

test("a subscription is created with the rule that it is to have", async () => {
  const defaultRuleOptions = {
    name: "red",
    filter: { sqlExpression: "color = @wanted", sqlParameters: { "@wanted": "red" } },
    action: { sqlExpression: "SET seen = 1" },
  };
  await admin.createSubscription(topic, "s", { defaultRuleOptions });
  const rules = await all(admin.listRules(topic, "s"));
  assert.deepEqual(rules.map((one) => one.name), ["red"]);
  const sender = client.createSender(topic);
  await sender.sendMessages(["blue", "red"].map((color) => ({ body: color, applicationProperties: { color } })));
  const [received] = await client.createReceiver(topic, "s").receiveMessages(5, WAIT);
  assert.deepEqual([received.body, received.applicationProperties.seen], ["red", 1]);
});

test("subscriptions are updated, listed, counted and deleted", async () => {
  for (const name of ["a", "b", "c"]) await admin.createSubscription(topic, name);
  await used(admin.createSubscription(topic, "a"));
  const found = await admin.getSubscription(topic, "a");
  const updated = await admin.updateSubscription({ ...found, lockDuration: "PT2M", maxDeliveryCount: 2 });
  assert.deepEqual([updated.lockDuration, updated.maxDeliveryCount], ["PT2M", 2]);
  await malformed(admin.updateSubscription({ ...found, requiresSession: true }), /RequiresSession/);
  const name = (one) => one.subscriptionName;
  assert.deepEqual(await pages(admin.listSubscriptions(topic), 2, name), [["a", "b"], ["c"]]);
  await client.createSender(topic).sendMessages([{ body: "1" }, { body: "2" }]);
  const counts = (one) => [one.subscriptionName, one.activeMessageCount, one.totalMessageCount, one.topicName];
  assert.deepEqual(await pages(admin.listSubscriptionsRuntimeProperties(topic), 4, counts), [
    ["a", "b", "c"].map((one) => [one, 2, 2, topic]),
  ]);
  assert.deepEqual(counts(await admin.getSubscriptionRuntimeProperties(topic, "b")), ["b", 2, 2, topic]);
  await admin.deleteSubscription(topic, "a");
  assert.deepEqual([await admin.subscriptionExists(topic, "a"), await admin.subscriptionExists(topic, "b")], [false, true]);
  await absent(admin.deleteSubscription(topic, "a"), 404);
  await absent(admin.updateSubscription(found), 404);
  await absent(admin.createSubscription(`${topic}-absent`, "s"), 404);
});

test("every kind of rule comes back as it was created", async () => {
  await admin.createSubscription(topic, "s");
  const sql = { sqlExpression: "a = @text AND b > @number", sqlParameters: { "@text": "x", "@number": 5 } };
  const action = { sqlExpression: "SET c = @flag", sqlParameters: { "@flag": true } };
  const correlation = {
    correlationId: "c",
    messageId: "m",
    to: "t",
    replyTo: "r",
    subject: "l",
    sessionId: "s",
    replyToSessionId: "rs",
    contentType: "text/plain",
    applicationProperties: { text: "x", number: 7, flag: true, at: new Date(1_600_000_000_000) },
  };
  await admin.createRule(topic, "s", "sql", sql, action);
  await admin.createRule(topic, "s", "correlation", correlation);
  const found = await admin.getRule(topic, "s", "sql");
  assert.deepEqual([found.name, found.filter.sqlExpression, found.action.sqlExpression], ["sql", sql.sqlExpression, action.sqlExpression]);
  assert.deepEqual([found.filter.sqlParameters, found.action.sqlParameters], [sql.sqlParameters, action.sqlParameters]);
  assert.deepEqual({ ...(await admin.getRule(topic, "s", "correlation")).filter }, correlation);
  const standing = await admin.getRule(topic, "s", "$Default");
  assert.equal(standing.filter.sqlExpression, "1=1");
  assert.deepEqual(await pages(admin.listRules(topic, "s"), 2, (one) => one.name), [["$Default", "correlation"], ["sql"]]);
});

test("a rule is updated, refused and deleted", async () => {
  await admin.createSubscription(topic, "s");
  await admin.createRule(topic, "s", "r", { sqlExpression: "a = 1" });
  await used(admin.createRule(topic, "s", "r", { sqlExpression: "a = 2" }));
  const found = await admin.getRule(topic, "s", "r");
  await admin.updateRule(topic, "s", { ...found, filter: { subject: "urgent" } });
  assert.equal((await admin.getRule(topic, "s", "r")).filter.subject, "urgent");
  await malformed(admin.createRule(topic, "s", "bad", { sqlExpression: "a ==== 1" }), /./);
  assert.deepEqual([await admin.ruleExists(topic, "s", "r"), await admin.ruleExists(topic, "s", "bad")], [true, false]);
  await admin.deleteRule(topic, "s", "r");
  await absent(admin.getRule(topic, "s", "r"), 404);
  await absent(admin.deleteRule(topic, "s", "r"), 404);
  await absent(admin.updateRule(topic, "s", found), 404);
});
