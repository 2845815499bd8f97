// Messages of the JavaScript SDK in a form that can be compared with ours.
//
// Its decoder makes a number of every number and timestamp and a text of every symbol, keeps binary
// and uuid as bytes, and shows no user-id.

const { types } = require("rhea");

const NUMBERS = ["ubyte", "ushort", "uint", "ulong", "byte", "short", "int", "long", "float", "double", "timestamp"];

const HEADER = {
  durable: "durable",
  priority: "priority",
  ttl: "timeToLive",
  "first-acquirer": "firstAcquirer",
  "delivery-count": "deliveryCount",
};
const PROPERTIES = {
  "message-id": "messageId",
  to: "to",
  subject: "subject",
  "reply-to": "replyTo",
  "correlation-id": "correlationId",
  "content-type": "contentType",
  "content-encoding": "contentEncoding",
  "absolute-expiry-time": "absoluteExpiryTime",
  "creation-time": "creationTime",
  "group-id": "groupId",
  "group-sequence": "groupSequence",
  "reply-to-group-id": "replyToGroupId",
};

function bytesOf({ type, value }) {
  return Buffer.from(type === "uuid" ? value.replaceAll("-", "") : value, "hex");
}

/** What the SDK makes of a typed value that it receives. */
function seen(value) {
  if (NUMBERS.includes(value.type)) return Number(value.value);
  if (value.type === "binary" || value.type === "uuid") return bytesOf(value);
  if (value.type === "null") return null;
  if (value.type === "list") return value.value.map(seen);
  if (value.type === "map") return Object.fromEntries(value.value.map(([key, item]) => [seen(key), seen(item)]));
  return value.value;
}

/** A typed value as the SDK's encoder takes it, so that exactly this type is sent. */
function explicit(value) {
  if (value.type === "null") return null;
  return types[`wrap_${value.type}`](seen(value));
}

function mapped(section, change) {
  return Object.fromEntries(Object.entries(section ?? {}).map(([name, value]) => [name, change(value)]));
}

function renamed(section, names) {
  const known = Object.entries(section ?? {}).filter(([name]) => name in names);
  return Object.fromEntries(known.map(([name, value]) => [names[name], seen(value)]));
}

/** A message for the SDK to send, from our JSON form. Its body must be one data section. */
function toSdk(message) {
  return {
    body: Buffer.from(message.body[0].value, "hex"),
    bodyType: "data",
    header: renamed(message.header, HEADER),
    properties: renamed(message.properties, PROPERTIES),
    messageAnnotations: mapped(message["message-annotations"], explicit),
    applicationProperties: mapped(message["application-properties"], explicit),
  };
}

/** Every section that the SDK shows of a message it received. */
function sdkView(received) {
  const raw = received._rawAmqpMessage;
  return {
    header: { ...raw.header },
    properties: { ...raw.properties },
    "message-annotations": mapped(raw.messageAnnotations, restored),
    "application-properties": mapped(raw.applicationProperties, restored),
    body: raw.body.content ?? raw.body,
  };
}

/** The SDK spreads a `Buffer` into an object of numbered bytes. */
function restored(value) {
  const spread = value !== null && typeof value === "object" && !Buffer.isBuffer(value) && "0" in value;
  return spread ? Buffer.from(Object.values(value)) : value;
}

/** The same of a message in our JSON form. */
function ourView(message) {
  const body = message.body[0];
  return {
    header: renamed(message.header, HEADER),
    properties: renamed(message.properties, PROPERTIES),
    "message-annotations": mapped(message["message-annotations"], seen),
    "application-properties": mapped(message["application-properties"], seen),
    body: body.type === "data" ? Buffer.from(body.value, "hex") : seen(body.value),
  };
}

module.exports = { explicit, ourView, sdkView, toSdk };
