//! From text to a tree, within bounds.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use super::{is_xml_character, Element, Kind, XmlError, CONNECT, INSTANCE};

/// Twice as deep as any description is.
const MAX_DEPTH: usize = 24;

/// More than a subscription whose rule has a hundred parameters.
const MAX_ELEMENTS: usize = 4_096;

/// Reads a document and returns its root.
pub(in crate::admin) fn read(text: &str) -> Result<Element, XmlError> {
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0;
    loop {
        let event = reader.read_event().map_err(|_| XmlError::Malformed)?;
        match event {
            Event::Start(start) => {
                count += 1;
                if root.is_some() {
                    return Err(XmlError::Malformed);
                }
                if open.len() == MAX_DEPTH {
                    return Err(XmlError::TooDeep);
                }
                open.push(element(&start, reader.resolver())?);
            }
            Event::Empty(start) => {
                count += 1;
                let element = element(&start, reader.resolver())?;
                close(element, &mut open, &mut root)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or(XmlError::Malformed)?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(text) => add_text(&text.xml10_content(), &mut open)?,
            Event::CData(text) => add_text(&text.xml10_content(), &mut open)?,
            Event::GeneralRef(name) => add_reference(&name, &mut open)?,
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
        if count > MAX_ELEMENTS {
            return Err(XmlError::TooMany);
        }
    }
    if open.is_empty() {
        root.ok_or(XmlError::Malformed)
    } else {
        Err(XmlError::Malformed)
    }
}

fn element(start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Result<Element, XmlError> {
    let (namespace, name) = resolver.resolve_element(start.name());
    let mut kind = None;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| XmlError::Malformed)?;
        let (namespace, name) = resolver.resolve_attribute(attribute.key);
        if bound(namespace)? == INSTANCE && name.into_inner() == "type" {
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| XmlError::Malformed)?;
            kind = Some(kind_of(value.trim(), resolver)?);
        }
    }
    Ok(Element {
        namespace: bound(namespace)?.to_owned(),
        name: name.into_inner().to_owned(),
        kind,
        text: String::new(),
        children: Vec::new(),
    })
}

/// What a `type` attribute names. SDKs write the service's own types without a prefix, wherever the
/// default namespace is not the service's too.
fn kind_of(value: &str, resolver: &NamespaceResolver) -> Result<Kind, XmlError> {
    if !value.chars().all(is_xml_character) {
        return Err(XmlError::Malformed);
    }
    let (namespace, name) = resolver.resolve(QName(value), false);
    let namespace = match bound(namespace)? {
        "" => CONNECT,
        other => other,
    };
    Ok(Kind {
        namespace: namespace.to_owned(),
        name: name.into_inner().to_owned(),
    })
}

fn bound(result: ResolveResult<'_>) -> Result<&str, XmlError> {
    match result {
        ResolveResult::Bound(namespace) => Ok(namespace.0),
        ResolveResult::Unbound => Ok(""),
        ResolveResult::Unknown(_) => Err(XmlError::Malformed),
    }
}

fn close(
    mut element: Element,
    open: &mut [Element],
    root: &mut Option<Element>,
) -> Result<(), XmlError> {
    if !element.children.is_empty() {
        element.text.clear();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_some() => return Err(XmlError::Malformed),
        None => *root = Some(element),
    }
    Ok(())
}

fn add_text(text: &str, open: &mut [Element]) -> Result<(), XmlError> {
    if !text.chars().all(is_xml_character) {
        return Err(XmlError::Malformed);
    }
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(XmlError::Malformed),
    }
    Ok(())
}

fn add_reference(name: &BytesRef<'_>, open: &mut [Element]) -> Result<(), XmlError> {
    let character = name.resolve_char_ref().map_err(|_| XmlError::Malformed)?;
    match character {
        Some(character) => add_text(character.encode_utf8(&mut [0; 4]), open),
        None => {
            let text = resolve_predefined_entity(name).ok_or(XmlError::Malformed)?;
            add_text(text, open)
        }
    }
}
