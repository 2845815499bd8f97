//! Conditions: what is true, false or unknown of a message.

use super::*;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const U: Option<bool> = None;

#[test]
fn application_properties() {
    check(&[
        ("color = 'red'", T),
        ("user.color = 'red'", T),
        ("USER.COLOR = 'red'", T),
        ("Color = 'Red'", F),
        ("[color] = 'red'", T),
        ("\"color\" = 'red'", T),
        ("[a b]]c] = 'spaced'", T),
        ("user.[A B]]C] = 'spaced'", T),
        ("größe = 3", T),
        ("GRÖSSE = 3", U),
        ("missing = 'red'", U),
        ("missing <> 'red'", U),
        ("nothing = nothing", U),
        ("express", T),
        ("slow", F),
        ("NOT slow", T),
        ("missing", U),
        ("NULL", U),
        ("TRUE", T),
        ("false", F),
    ]);
}

#[test]
fn names_that_differ_only_in_case() {
    let message = message(&[("tag", Value::long(1)), ("Tag", Value::long(2))]);
    for (expression, expected) in [("tag = 1", T), ("Tag = 2", T), ("TAG = 1", T)] {
        let found = holds(expression, &message, &Parameters::default());
        assert_eq!(found, Ok(expected), "{expression}");
    }
}

#[test]
fn system_properties() {
    check(&[
        ("sys.MessageId = 'an id'", T),
        ("SYS.messageid = 'an id'", T),
        ("sys.[MessageId] = 'an id'", T),
        ("sys.CorrelationId = 'a correlation'", T),
        ("sys.ContentType = 'text/plain'", T),
        ("sys.Label = 'a subject'", T),
        ("sys.Subject = 'a subject'", T),
        ("sys.To = 'a destination'", T),
        ("sys.ReplyTo = 'an answer queue'", T),
        ("sys.SessionId = 'a session'", T),
        ("sys.ReplyToSessionId = 'an answer session'", T),
        ("sys.PartitionKey = 'a key'", T),
        ("sys.ViaPartitionKey IS NULL", T),
        ("sys.SequenceNumber = 42", T),
        ("sys.EnqueuedSequenceNumber = 42", T),
        ("sys.DeliveryCount = 0", T),
        ("sys.Size > 0", T),
        ("sys.TimeToLive = minute", T),
        ("sys.EnqueuedTimeUtc + minute = instant", T),
        ("sys.ExpiresAtUtc = instant", T),
        ("sys.ScheduledEnqueueTimeUtc < sys.EnqueuedTimeUtc", T),
        ("MessageId IS NULL", T),
    ]);
    check_errors(&[
        (
            "sys.Body = 'x'",
            "The system property 'Body' does not exist.",
        ),
        (
            "sys.color IS NULL",
            "The system property 'color' does not exist.",
        ),
        (
            "EXISTS(sys.[a b])",
            "The system property 'a b' does not exist.",
        ),
    ]);
}

#[test]
fn system_properties_that_are_not_set() {
    let message = Message::decode(&[]).unwrap();
    for name in [
        "CorrelationId",
        "ContentType",
        "Label",
        "To",
        "ReplyTo",
        "SessionId",
        "ReplyToSessionId",
        "PartitionKey",
        "ScheduledEnqueueTimeUtc",
    ] {
        for (expression, expected) in [
            (format!("sys.{name} = 'x'"), U),
            (format!("sys.{name} IS NULL"), T),
            (format!("EXISTS(sys.{name})"), F),
        ] {
            let found = holds(&expression, &message, &Parameters::default());
            assert_eq!(found, Ok(expected), "{expression}");
        }
    }
    for expression in [
        "EXISTS(sys.MessageId)",
        "sys.TimeToLive > sys.ExpiresAtUtc - sys.EnqueuedTimeUtc",
    ] {
        let found = holds(expression, &message, &Parameters::default());
        assert_eq!(found, Ok(T), "{expression}");
    }
}

#[test]
fn message_ids_of_any_type() {
    for (value, expression) in [
        (Value::Integer(IntegerType::Ulong, 7), "sys.MessageId = '7'"),
        (
            Value::Guid([0xab; 16]),
            "sys.MessageId = 'abababab-abab-abab-abab-abababababab'",
        ),
    ] {
        let mut out = BytesMut::new();
        Writer::new(&mut out).put_composite(PROPERTIES, |writer| value.write(writer));
        let message = Message::decode(&out).unwrap();
        let found = holds(expression, &message, &Parameters::default());
        assert_eq!(found, Ok(T), "{expression}");
    }
}

/// The tables of the documentation, "Property evaluation semantics".
#[test]
fn three_valued_logic() {
    check(&[
        ("TRUE AND TRUE", T),
        ("TRUE AND FALSE", F),
        ("TRUE AND missing", U),
        ("FALSE AND TRUE", F),
        ("FALSE AND FALSE", F),
        ("FALSE AND missing", F),
        ("missing AND TRUE", U),
        ("missing AND FALSE", F),
        ("missing AND missing", U),
        ("TRUE OR TRUE", T),
        ("TRUE OR FALSE", T),
        ("TRUE OR missing", T),
        ("FALSE OR TRUE", T),
        ("FALSE OR FALSE", F),
        ("FALSE OR missing", U),
        ("missing OR TRUE", T),
        ("missing OR FALSE", U),
        ("missing OR missing", U),
        ("NOT TRUE", F),
        ("NOT FALSE", T),
        ("NOT missing", U),
        ("NOT (missing = 1)", U),
        ("missing AND TRUE AND FALSE", F),
        ("missing OR FALSE OR TRUE", T),
    ]);
}

#[test]
fn the_deciding_side_keeps_an_error_away() {
    check(&[("FALSE AND color > 1", F), ("TRUE OR color > 1", T)]);
    let error = "Operator '>' cannot be applied to operands of type 'string' and 'long'.";
    check_errors(&[
        ("color > 1 AND FALSE", error),
        ("color > 1 OR TRUE", error),
        ("missing OR color > 1", error),
        ("NOT color > 1", error),
    ]);
}

#[test]
fn null_tests() {
    check(&[
        ("color IS NULL", F),
        ("color IS NOT NULL", T),
        ("missing IS NULL", T),
        ("missing IS NOT NULL", F),
        ("nothing IS NULL", T),
        ("bytes IS NULL", F),
        ("property('missing') IS NULL", T),
        ("EXISTS(color)", T),
        ("EXISTS(user.Color)", T),
        ("EXISTS(missing)", F),
        ("EXISTS(nothing)", T),
        ("exists ( [a b]]c] )", T),
        ("NOT EXISTS(missing)", T),
    ]);
}

#[test]
fn lists() {
    check(&[
        ("color IN ('blue', 'red')", T),
        ("color IN('blue')", F),
        ("color NOT IN ('blue')", T),
        ("color NOT IN ('red')", F),
        ("quantity IN (1, 2 + 3)", T),
        ("quantity IN (5.0)", T),
        ("missing IN ('red')", U),
        ("missing NOT IN ('red')", U),
        ("color IN (missing, 'red')", T),
        ("color IN (missing, 'blue')", U),
        ("color NOT IN (missing, 'blue')", U),
        ("sys.Label IN ('a subject') AND color = 'red'", T),
    ]);
    let error = "Operator '==' cannot be applied to operands of type 'string' and 'long'.";
    check_errors(&[("color IN (1)", error), ("color NOT IN ('blue', 1)", error)]);
}

#[test]
fn patterns() {
    check(&[
        ("color LIKE 'r%'", T),
        ("color LIKE 'R%'", F),
        ("color NOT LIKE 'r%'", F),
        ("color LIKE '_e_'", T),
        ("color LIKE 'r' + '%'", T),
        ("'a%c' LIKE 'a\\%c' ESCAPE '\\'", T),
        ("'abc' LIKE 'a\\%c' ESCAPE '\\'", F),
        ("color LIKE color AND quantity = 5", T),
        ("missing LIKE '%'", U),
        ("missing NOT LIKE '%'", U),
        ("color LIKE missing", U),
        ("color LIKE 'r%' ESCAPE missing", U),
        ("char LIKE 'x'", T),
        ("empty LIKE ''", T),
        ("sys.Label LIKE '%subject'", T),
    ]);
    let escape = "The escape character of LIKE must be a string of length 1, with a character to \
                  escape after it.";
    check_errors(&[
        (
            "quantity LIKE '5'",
            "Operator 'LIKE' cannot be applied to operands of type 'int' and 'string'.",
        ),
        ("color LIKE 'r' ESCAPE 'ab'", escape),
        ("color LIKE 'r' ESCAPE ''", escape),
        ("color LIKE 'r' ESCAPE 1", escape),
        ("color LIKE 'r!' ESCAPE '!'", escape),
    ]);
}

#[test]
fn functions() {
    check(&[
        ("property('color') = 'red'", T),
        ("PROPERTY('COLOR') = 'red'", T),
        ("p('color') = 'red'", T),
        ("p(key) = 'red'", T),
        ("p('co' + 'lor') = 'red'", T),
        ("p('missing') = 'red'", U),
        ("p(missing) = 'red'", U),
        ("p = 1 OR property = 1 OR newid = 1", U),
        ("newid() = newid()", F),
        ("NEWID() = missing", U),
    ]);
    let error = "The name of a property must be a string that is not empty.";
    check_errors(&[("p(quantity) = 1", error), ("p('') = 1", error)]);
}

#[test]
fn parameters() {
    let parameters = Parameters::new(vec![
        ("@name".to_owned(), Value::text("color")),
        ("@Text".to_owned(), Value::text("red")),
        ("@int".to_owned(), Value::Integer(IntegerType::Int, 5)),
        ("@bool".to_owned(), Value::Bool(true)),
        ("@double".to_owned(), Value::Double(2.5)),
    ]);
    let message = sample();
    for (expression, expected) in [
        ("PROPERTY(@name) = @text AND quantity = @int", T),
        ("price = @double AND express = @bool", T),
        ("color IN (@name, @text)", T),
        ("@bool", T),
        ("quantity = -@int + 10", T),
    ] {
        assert_eq!(
            holds(expression, &message, &parameters),
            Ok(expected),
            "{expression}"
        );
    }
    let missing = parse_condition("a = @b", &parameters);
    let name = "@b".to_owned();
    assert_eq!(missing, Err(FilterError::MissingParameter { name }));
}
