//! A local stand-in for Azure Service Bus.
