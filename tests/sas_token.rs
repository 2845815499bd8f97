//! Shared access signatures, against tokens computed with Python's `hmac` and `urllib`.
#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

use chrono::DateTime;
use servicebus::SasToken;

fn generate(resource: &str, name: &str, key: &str, expiry: i64) -> String {
    let expires_at = DateTime::from_timestamp(expiry, 0).expect("a date");
    SasToken::generate(resource, name, key, expires_at)
        .as_str()
        .to_owned()
}

#[test]
fn a_token_equals_one_made_elsewhere() {
    let token = generate(
        "sb://contoso.servicebus.windows.net/orders",
        "RootManageSharedAccessKey",
        "c2VjcmV0IGtleSBvZiB0aGUgdGVzdA==",
        1_700_000_000,
    );
    assert_eq!(
        token,
        "SharedAccessSignature sr=sb%3A%2F%2Fcontoso.servicebus.windows.net%2Forders\
         &sig=jBw5uafof63A4lQD8qJySdWj7BXqLAgwXQGQgGhiSYw%3D&se=1700000000&skn=RootManageSharedAccessKey"
    );
}

#[test]
fn resource_signature_and_name_are_url_encoded() {
    let token = generate(
        "sb://contoso.servicebus.windows.net/größe und farbe",
        "send & listen",
        "SAS_KEY_VALUE",
        1_893_456_000,
    );
    assert_eq!(
        token,
        "SharedAccessSignature sr=sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fgr%C3%B6%C3%9Fe+und+farbe\
         &sig=CmkXv1mwpyNOuGp6ilBUeDqQY%2BsW33kY2f2ZlURIa3c%3D&se=1893456000&skn=send+%26+listen"
    );
}

#[test]
fn a_generated_token_is_read_back() {
    let expires_at = DateTime::from_timestamp(1_700_000_000, 0).expect("a date");
    let token = SasToken::generate("sb://ns/q", "name", "key", expires_at);
    let read = SasToken::parse(token.as_str()).expect("our own token is one");
    assert_eq!(read, token);
    assert_eq!(read.expires_at(), Some(expires_at));
}
