//! A key that is replaced under clients at work.

use servicebus::{ErrorKind, SharedAccessKey};

use crate::orders::{client, count_tokens, emulator, eventually, send, sender};

const NAME: &str = "RootManageSharedAccessKey";
const RIGHT: &str = "SAS_KEY_VALUE";

#[test]
fn the_next_token_is_signed_with_the_new_key() {
    let emulator = emulator();
    let key = SharedAccessKey::new(NAME, "an old key");
    let client = client(&emulator, key.clone());
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("the key is wrong");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    key.update(NAME, RIGHT);
    send(&sender(&client, "orders"), &emulator);
}

#[test]
fn open_links_get_new_tokens_at_once() {
    let emulator = emulator();
    let key = SharedAccessKey::new(NAME, RIGHT);
    let client = client(&emulator, key.clone());
    let senders = ["orders", "invoices"].map(|queue| sender(&client, queue));
    let before = count_tokens(&emulator);
    key.update(NAME, RIGHT);
    eventually("two tokens are put", || {
        count_tokens(&emulator) == before + 2
    });
    for sender in &senders {
        send(sender, &emulator);
    }
    assert_eq!(count_tokens(&emulator), before + 2, "no send needs another");
}

#[test]
fn a_wrong_new_key_breaks_no_open_link_and_gives_way_to_the_next() {
    let emulator = emulator();
    let key = SharedAccessKey::new(NAME, RIGHT);
    let client = client(&emulator, key.clone());
    let open = sender(&client, "orders");
    let before = count_tokens(&emulator);
    key.update(NAME, "a wrong key");
    eventually("it is tried", || count_tokens(&emulator) == before + 1);
    send(&open, &emulator);
    for queue in ["orders", "invoices"] {
        let error = client
            .queue_sender(queue)
            .open()
            .expect_err("the key is wrong");
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    }
    key.update(NAME, RIGHT);
    eventually("the right one is put without delay", || {
        count_tokens(&emulator) == before + 4
    });
    send(&open, &emulator);
    send(&sender(&client, "invoices"), &emulator);
}
