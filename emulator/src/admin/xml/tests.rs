//! What is taken for XML, and what becomes of it when it is written again.

use super::*;

fn again(text: &str) -> String {
    let mut out = String::new();
    write(&read(text).unwrap(), &mut out);
    out
}

fn description(inside: &str) -> String {
    format!(r#"<D xmlns="{CONNECT}" xmlns:i="{INSTANCE}">{inside}</D>"#)
}

#[test]
fn prefixes_and_declarations_are_the_clients_choice() {
    for text in [
        format!(r#"<D xmlns="{CONNECT}"><A>1</A></D>"#),
        format!(r#"<s:D xmlns:s="{CONNECT}"><s:A>1</s:A></s:D>"#),
        format!("\u{feff}<?xml version='1.0' encoding='utf-8'?>\n<D xmlns='{CONNECT}'>\r\n <!-- x --> <A><![CDATA[1]]></A> </D>"),
    ] {
        assert_eq!(again(&text), description("<A>1</A>"), "{text}");
    }
}

#[test]
fn types_of_values_are_found_however_they_are_declared() {
    let xsd = "http://www.w3.org/2001/XMLSchema";
    let expected = description(&format!(r#"<V i:type="d6p1:int" xmlns:d6p1="{xsd}">2</V>"#));
    for value in [
        format!(r#"<V i:type="d6p1:int" xmlns:d6p1="{xsd}">2</V>"#),
        format!(r#"<V xmlns:l28="{xsd}" i:type="l28:int">2</V>"#),
        format!(r#"<V xmlns:p4="{INSTANCE}" p4:type="x:int" xmlns:x="{xsd}">2</V>"#),
    ] {
        assert_eq!(again(&description(&value)), expected, "{value}");
    }
    let own = description(r#"<F i:type="SqlFilter"/>"#);
    assert_eq!(again(&own), own);
}

#[test]
fn text_survives_with_every_character() {
    let text = description("<A>a &lt; b &amp;&amp; 'c' &gt; \"d\" &#xD;&#10;é</A><B> x </B>");
    let expected = description("<A>a &lt; b &amp;&amp; 'c' &gt; \"d\" &#13;\né</A><B> x </B>");
    assert_eq!(again(&text), expected);
}

#[test]
fn empty_elements_are_closed_as_the_service_closes_them() {
    let text = description("<AuthorizationRules/><Parameters></Parameters>");
    let expected = description("<AuthorizationRules></AuthorizationRules><Parameters/>");
    assert_eq!(again(&text), expected);
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in [
        "",
        "text",
        "<a>",
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "<a/><b></b>",
        "<a/>text",
        "<a>&unknown;</a>",
        "<a>&#1;</a>",
        "<a>\u{1}</a>",
        "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='&#14;'/>",
        "<p:a/>",
        "<a x='1' x='2'/>",
        "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='q:int'/>",
    ] {
        assert_eq!(read(text), Err(XmlError::Malformed), "{text:?}");
    }
}

#[test]
fn entities_of_a_document_type_are_not_looked_at() {
    let bomb = r#"<!DOCTYPE a [<!ENTITY x "xxxxxxxx">]><a>&x;&x;</a>"#;
    assert_eq!(read(bomb), Err(XmlError::DocumentType));
}

#[test]
fn depth_and_number_of_elements_are_bounded() {
    let deep = "<a>".repeat(10_000);
    assert_eq!(read(&deep), Err(XmlError::TooDeep));
    let wide = format!("<a>{}</a>", "<b/>".repeat(10_000));
    assert_eq!(read(&wide), Err(XmlError::TooMany));
}
