//! The C interface of the `servicebus` client.
