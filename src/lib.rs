//! A synchronous Azure Service Bus client.
