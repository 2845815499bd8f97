//! XML as a tree, in the manner of the service's data contracts.

mod reading;
#[cfg(test)]
mod tests;
mod writing;

pub(super) use self::reading::read;
pub(super) use self::writing::{text, write};

/// Atom's namespace.
pub(super) const ATOM: &str = "http://www.w3.org/2005/Atom";
/// The namespace of the service's descriptions.
pub(super) const CONNECT: &str =
    "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
/// The namespace of message counts.
pub(super) const COUNTS: &str = "http://schemas.microsoft.com/netservices/2011/06/servicebus";
/// The namespace of `type` attributes.
pub(super) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Which type of those that may stand in its place an element has: its `type` attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// An element without comments, instructions, and attributes other than its type.
///
/// It has text or children; the text around children means nothing in a data contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) kind: Option<Kind>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

/// Why a text is not taken for XML. No variant carries any part of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum XmlError {
    #[error("it is not well-formed")]
    Malformed,
    #[error("it has a document type")]
    DocumentType,
    #[error("its elements are nested too deeply")]
    TooDeep,
    #[error("it has too many elements")]
    TooMany,
}

/// XML 1.0, production 2: other characters cannot be written, not even by reference.
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

impl Element {
    /// An element of a description that has children, or nothing.
    pub(super) fn new(name: &str) -> Self {
        Self {
            namespace: CONNECT.to_owned(),
            name: name.to_owned(),
            kind: None,
            text: String::new(),
            children: Vec::new(),
        }
    }

    /// An element of a description that has text.
    pub(super) fn leaf(name: &str, text: impl ToString) -> Self {
        Self {
            text: text.to_string(),
            ..Self::new(name)
        }
    }

    /// The same with a type of the description's namespace.
    pub(super) fn of_kind(mut self, name: &str) -> Self {
        self.kind = Some(Kind {
            namespace: CONNECT.to_owned(),
            name: name.to_owned(),
        });
        self
    }

    /// The first child of a name, whatever its place: clients differ in the order they write.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of a name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        Some(&self.child(name)?.text)
    }

    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }
}
