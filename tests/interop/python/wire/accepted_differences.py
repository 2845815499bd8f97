"""Where our frames may differ from the Python SDK's: for each reason the paths, with what the SDK says and
what ours says there. `-` is nothing, `*` anything. ARCHITECTURE.md has the reasons in short.
"""

OTHER_NAMES = "names of our own, unique in the connection, so that an answer finds its way without its session"
SPELLING = "the service takes an entity's path as well as its address; the port is no part of a namespace's name"
COUNTERS = "any unique value will do: the service gives each back as it came"
SETTLING = "the service settles at once what it is sent, and mode first says so"
LIMITS = "limits of our own: what we keep of what a peer sends, how much is on its way, how long silence may last"
CREDIT = "we grant what we have room for, nothing before a call wants messages, and none on links that send"
CLOSING = "the end of a session or connection ends its links; those that are detached all the same are closed"
TOKENS = "the service's own name of the type, which its documentation gives; the SDK says `jwt` of all tokens"
EXPIRY = "the service computes them from the header's ttl and its own clock, and ignores those of a sender"
BINARY = "bytes stay bytes; the SDK makes text of them"
DEAD_LETTERS = "the service takes reason and description from the error's `info`, where both have them"

ACCEPTED = [
    (OTHER_NAMES, [
        ("attach $cbs receiver.target.address", "string $cbs", "string $cbs-{uuid}"),
        ("attach $cbs sender.source.address", "string $cbs", "string $cbs-{uuid}"),
        ("attach $management receiver.target.address", "string *$management", "string *$management-{uuid}"),
        ("attach $management sender.source.address", "string *$management", "string *$management-{uuid}"),
        ("request put-token.properties.reply-to", "-", "string $cbs-{uuid}"),
        ("request com.microsoft:*.properties.reply-to", "string *$management", "string *$management-{uuid}"),
        ("attach entity receiver.target.address", "string receiver-link-{uuid}", "string SBReceiver-{uuid}"),
        ("attach entity sender.source.address", "string sender-link-{uuid}", "string SBSender-{uuid}"),
    ]),
    (SPELLING, [
        ("attach entity receiver.source.address", "string amqps://{host}/{entity}*", "string {entity}*"),
        ("attach entity sender.target.address", "string amqps://{host}/{entity}", "string {entity}"),
        ("request put-token.application-properties.name", "string sb://{host}/*", "string sb://localhost/*"),
        ("request put-token.value", "* sr=sb%3A%2F%2F{host}%2F*", "* sr=sb%3A%2F%2Flocalhost%2F*"),
    ]),
    (COUNTERS, [
        ("request *.properties.message-id", "uuid {uuid}", "string *"),
        ("request *.delivery-tag", "binary of 4 bytes", "binary of 8 bytes"),
        ("transfer entity sender.delivery-tag", "binary of 4 bytes", "binary of 8 bytes"),
    ]),
    (SETTLING, [("attach entity sender.rcv-settle-mode", "ubyte 1", "-")]),
    (LIMITS, [
        ("attach * receiver.max-message-size", "*", "ulong 105906176"),
        ("attach entity sender.max-message-size", "ulong 0", "-"),
        ("begin.handle-max", "-", "uint 4999"),
        ("begin.incoming-window", "uint 65536", "uint 8192"),
        ("begin.outgoing-window", "uint 65536", "uint 2147483647"),
        ("open.channel-max", "-", "ushort 4999"),
        ("open.idle-time-out", "-", "uint 60000"),
    ]),
    (CREDIT, [
        ("flow $* receiver.link-credit", "uint 10000", "uint 100"),
        ("flow * sender", "sent", "-"),
        ("flow * sender.*-window", "uint {its own}", "-"),
        ("flow * sender.link-credit", "uint 10000", "-"),
        ("flow entity receiver", "sent", "-"),
        ("flow entity receiver.*-window", "uint {its own}", "-"),
        ("flow entity receiver.link-credit", "uint 0*", "*"),
    ]),
    (CLOSING, [
        ("detach $cbs *", "*", "-"),
        ("detach $management *", "sent", "-"),
        ("detach $management *.closed", "-", "boolean True"),
    ]),
    (TOKENS, [
        ("request put-token.application-properties.type", "string jwt", "string servicebus.windows.net:sastoken"),
    ]),
    (EXPIRY, [
        ("transfer entity sender.properties.absolute-expiry-time", "timestamp {time}", "-"),
        ("transfer entity sender.properties.creation-time", "timestamp {time}", "-"),
    ]),
    (BINARY, [("transfer entity sender.application-properties.bytes", "string bytes", "binary 6279746573")]),
    (DEAD_LETTERS, [("disposition rejected.state.error.description", "string in detail", "-")]),
]
