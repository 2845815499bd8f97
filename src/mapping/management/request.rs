use std::time::Duration;

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor;
use servicebus_amqp::sections::write_properties;
use servicebus_amqp::types::messaging::{MessageId, Properties};
use servicebus_amqp::writer::Writer;

use crate::error::{Error, Result};

/// What is the same in all requests, whatever the operation.
pub(crate) struct Request<'a> {
    /// Comes back as the answer's correlation id.
    pub(crate) message_id: MessageId,
    /// The target address of the link the answer is to come on.
    pub(crate) reply_to: &'a str,
    /// How long the service may work on it; `None` leaves that to the service.
    pub(crate) server_timeout: Option<Duration>,
    /// The name of the link whose lock the request is about, which also keeps that link from
    /// counting as idle.
    pub(crate) associated_link_name: Option<&'a str>,
}

/// The request message for `operation`; `body` writes its one map.
pub(crate) fn encode_request(
    request: Request<'_>,
    operation: &str,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<Bytes> {
    let mut out = BytesMut::with_capacity(256);
    let properties = Properties {
        message_id: Some(request.message_id),
        reply_to: Some(request.reply_to.to_owned()),
        ..Properties::default()
    };
    let failed = |error| {
        Error::invalid_argument(format!("{operation} cannot be encoded")).with_source(error)
    };
    write_properties(&properties, &mut out).map_err(failed)?;
    let mut writer = Writer::new(&mut out);
    writer.put_described(descriptor::APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("operation");
            writer.put_string(operation);
            writer.put_string("type");
            writer.put_string("entity-mgmt");
            if let Some(timeout) = request.server_timeout {
                writer.put_string("com.microsoft:server-timeout");
                writer.put_uint(timeout.as_millis().try_into().unwrap_or(u32::MAX));
            }
            if let Some(link) = request.associated_link_name {
                writer.put_string("associated-link-name");
                writer.put_string(link);
            }
        });
    });
    writer.put_described(descriptor::AMQP_VALUE, body);
    writer.finish().map_err(failed)?;
    Ok(out.freeze())
}
