//! Messages with all that they can hold arrive as they were sent.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod any_message;
mod desk;
mod limits;
mod properties;
mod round_trip;
mod sections;
mod values;
