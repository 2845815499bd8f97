//! A symmetric, sans-IO AMQP 1.0 endpoint.
