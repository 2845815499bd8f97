//! `put-token`: showing the service a token before links of an entity are attached.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor;
use servicebus_amqp::sections::write_properties;
use servicebus_amqp::types::messaging::{MessageId, Properties};
use servicebus_amqp::writer::Writer;

use super::conditions;
use super::management::Answer;
use crate::error::{Error, Result};
use crate::model::timestamp;
use crate::model::token::Token;

/// The node that takes tokens.
pub(crate) const ADDRESS: &str = "$cbs";

const SAS_TOKEN: &str = "servicebus.windows.net:sastoken";
const JWT: &str = "jwt";

/// The request that shows a token for `audience`.
pub(crate) fn encode_put_token(
    message_id: MessageId,
    reply_to: &str,
    audience: &str,
    token: &Token,
) -> Result<Bytes> {
    let mut out = BytesMut::with_capacity(512);
    let properties = Properties {
        message_id: Some(message_id),
        reply_to: Some(reply_to.to_owned()),
        ..Properties::default()
    };
    let failed = |error| Error::invalid_argument("the token cannot be encoded").with_source(error);
    write_properties(&properties, &mut out).map_err(failed)?;
    let mut writer = Writer::new(&mut out);
    writer.put_described(descriptor::APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("operation");
            writer.put_string("put-token");
            writer.put_string("type");
            writer.put_string(match token {
                Token::Sas(_) => SAS_TOKEN,
                Token::Jwt(_) => JWT,
            });
            writer.put_string("name");
            writer.put_string(audience);
            if let Some(expires_at) = token.expires_at() {
                writer.put_string("expiration");
                writer.put_timestamp(timestamp::to_millis(expires_at));
            }
        });
    });
    writer.put_described(descriptor::AMQP_VALUE, |writer| {
        writer.put_string(token.as_str())
    });
    writer.finish().map_err(failed)?;
    Ok(out.freeze())
}

/// Whether the service took the token. `answer` is read with
/// [`Names::CBS`](super::management::Names::CBS).
pub(crate) fn read_answer(answer: &Answer) -> Result<()> {
    if answer.is_success() {
        return Ok(());
    }
    let (condition, description) = (answer.condition.as_deref(), answer.description.as_deref());
    Err(conditions::from_put_token(
        answer.status,
        condition,
        description,
    ))
}
