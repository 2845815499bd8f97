//! Clients that send too much, or no HTTP.

use std::io::Write;

use servicebus_emulator::Emulator;

use super::exchange::{connect, exchange, read_answer, request};
use crate::peer::sas_token;

const PATH: &str = "/orders?api-version=2021-05";

#[test]
fn a_large_body_is_refused() {
    let emulator = Emulator::builder().start().unwrap();
    let body = " ".repeat(256 * 1024 + 1);
    let answer = request(&emulator, "PUT", PATH, &body);
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[test]
fn a_body_that_claims_to_be_endless_is_refused_when_it_has_become_too_large() {
    let emulator = Emulator::builder().start().unwrap();
    let mut stream = connect(&emulator);
    let head = format!(
        "PUT {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        sas_token("http://localhost/")
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
    for _ in 0..5 {
        stream.write_all(chunk.as_bytes()).unwrap();
    }
    let answer = read_answer(&mut stream);
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[test]
fn what_is_no_http_does_not_harm_others() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    for bytes in [
        &b"AMQP\x00\x01\x00\x00"[..],
        b"\r\n\r\n\r\n",
        b"GET\0 / HTTP/9\r\n\r\n",
    ] {
        let mut stream = connect(&emulator);
        stream.write_all(bytes).unwrap();
    }
    let mut half = connect(&emulator);
    half.write_all(b"PUT /orders HTTP/1.1\r\nContent-Le")
        .unwrap();
    let answer = request(&emulator, "GET", PATH, "");
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn a_body_that_is_no_text_is_refused() {
    let emulator = Emulator::builder().start().unwrap();
    let mut stream = connect(&emulator);
    let head = format!(
        "PUT {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {}\r\n\
         Content-Length: 4\r\n\r\n",
        sas_token("http://localhost/")
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"\xff\xfe\x00\x80").unwrap();
    let answer = read_answer(&mut stream);
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[test]
fn a_method_that_no_resource_has_is_refused() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let token = sas_token("http://localhost/");
    let headers = [("Authorization", token.as_str())];
    for method in ["POST", "PATCH", "OPTIONS"] {
        let answer = exchange(&emulator, method, PATH, &headers, "");
        assert_eq!(answer.status, 400, "{method}: {answer:?}");
    }
}

#[test]
fn a_path_with_characters_that_xml_has_not_is_answered_in_xml() {
    let emulator = Emulator::builder().start().unwrap();
    let topic = "<entry xmlns=\"http://www.w3.org/2005/Atom\"><content><TopicDescription \
        xmlns=\"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect\"/></content></entry>";
    request(&emulator, "PUT", "/news?api-version=2021-05", topic);
    let path = "/news/subscriptions/%01%3C?api-version=2021-05";
    let answer = request(&emulator, "DELETE", path, "");
    assert_eq!(answer.status, 404, "{answer:?}");
    assert!(answer.body.contains("news|\u{fffd}&lt;'"), "{answer:?}");
}
