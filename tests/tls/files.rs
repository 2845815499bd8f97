//! Certificates from files: what is wrong with them is known when the client is built, and they may be replaced.

use servicebus::{Client, ClientBuilder, Credential, ErrorKind};

use crate::secured::{builder, client, emulator, emulator_at, file, root, send, sender, stranger};

/// Why no client is built.
#[track_caller]
fn unusable(builder: ClientBuilder, words: &[&str]) {
    let error = builder.build().expect_err("it cannot be used");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    for word in words {
        assert!(
            error.to_string().contains(word),
            "{word} is not in: {error}"
        );
    }
}

fn anyone() -> ClientBuilder {
    let credential = Credential::shared_access_key("name", "key");
    Client::builder("contoso.servicebus.windows.net", credential)
}

#[test]
fn a_root_may_come_from_a_file() {
    let emulator = emulator();
    let path = file("one_root.pem", root(&emulator));
    let client = client(stranger(&emulator).root_certificate_file(path));
    send(&sender(&client), &emulator);
}

#[test]
fn unusable_roots_are_named_with_their_file_when_the_client_is_built() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    unusable(anyone().root_certificates(broken), &["root certificate"]);
    unusable(anyone().root_certificates(""), &["no certificate in PEM"]);
    unusable(
        anyone().root_certificates("hello"),
        &["no certificate in PEM"],
    );
    for (name, content) in [("broken.pem", broken), ("cut.pem", cut), ("empty.pem", "")] {
        unusable(
            anyone().root_certificate_file(file(name, content)),
            &["root certificate", name],
        );
    }
    unusable(
        anyone().root_certificate_file("/no/such/file.pem"),
        &["root certificate", "/no/such/file.pem", "os error 2"],
    );
}

#[test]
fn an_unusable_client_certificate_is_named_and_its_key_is_not_shown() {
    let emulator = emulator();
    let chain = root(&emulator);
    let secret = "c2VjcmV0IG9mIG1pbmU";
    let sealed = format!(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{secret}=\n-----END ENCRYPTED PRIVATE KEY-----\n"
    );
    let bogus = format!("-----BEGIN PRIVATE KEY-----\n{secret}=\n-----END PRIVATE KEY-----\n");
    let cut = format!("-----BEGIN PRIVATE KEY-----\n{secret}");
    for (key, cause) in [
        (sealed.as_str(), "encrypted"),
        (bogus.as_str(), "cannot be used"),
        (cut.as_str(), "not well-formed"),
        (chain, "no private key in PEM"),
    ] {
        let builder = anyone().client_certificate(chain, key);
        assert!(!format!("{builder:?}").contains(secret), "{builder:?}");
        let error = builder.build().expect_err(cause);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(cause), "{text}");
        assert!(!text.contains(secret), "{text}");
    }
    unusable(
        anyone().client_certificate_files("/no/chain.pem", "/no/key.pem"),
        &["client certificate", "/no/chain.pem"],
    );
    let good = file("chain_without_key.pem", chain);
    unusable(
        anyone().client_certificate_files(good, "/no/key.pem"),
        &["private key", "/no/key.pem"],
    );
}

#[test]
fn an_authority_is_replaced_while_a_client_lives() {
    let first = emulator();
    let path = file("rotated.pem", root(&first));
    let client = client(stranger(&first).root_certificate_file(&path));
    let sender = sender(&client);
    send(&sender, &first);
    let before = root(&first).to_owned();
    let port = first.tls_port().expect("it listens");
    drop(first);
    let second = emulator_at(port);
    file("rotated.pem", format!("{before}{}", root(&second)));
    send(&sender, &second);
    assert_eq!(second.counts("orders").map(|counts| counts.active), Some(1));
}

#[test]
fn what_is_about_tls_is_not_ignored_without_it() {
    let emulator = emulator();
    let plain = || {
        ClientBuilder::from_connection_string(&emulator.connection_string())
            .expect("the string is good")
    };
    unusable(plain().root_certificates(root(&emulator)), &["for TLS"]);
    unusable(plain().tls_server_name("localhost"), &["for TLS"]);
    plain().build().expect("nothing is left over");
    builder(&emulator).build().expect("here it is of use");
}
