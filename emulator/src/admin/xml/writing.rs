//! From a tree to text, as the service writes it.
//!
//! The service declares a namespace where it first needs it, with the prefixes that .NET makes up:
//! some clients look for these very prefixes.

use std::borrow::Cow;

use quick_xml::escape::{escape, partial_escape};

use super::{is_xml_character, Element, CONNECT, COUNTS, INSTANCE};

/// Appends a description: its root declares the namespaces of descriptions and of types.
pub(in crate::admin) fn write(root: &Element, out: &mut String) {
    let namespaces = format!(" xmlns=\"{CONNECT}\" xmlns:i=\"{INSTANCE}\"");
    append(root, &namespaces, out);
}

fn append(element: &Element, declared: &str, out: &mut String) {
    let prefix = if element.namespace == COUNTS {
        "d2p1:"
    } else {
        ""
    };
    let name = &element.name;
    out.push('<');
    out.push_str(prefix);
    out.push_str(name);
    out.push_str(declared);
    if let Some(kind) = &element.kind {
        let (kind_name, namespace) = (escape(&kind.name), escape(&kind.namespace));
        if kind.namespace == CONNECT {
            out.push_str(&format!(" i:type=\"{kind_name}\""));
        } else {
            let value = format!(" i:type=\"d6p1:{kind_name}\" xmlns:d6p1=\"{namespace}\"");
            out.push_str(&value);
        }
    }
    let first = element.children.first();
    if first.is_some_and(|child| child.namespace == COUNTS) && prefix.is_empty() {
        out.push_str(&format!(" xmlns:d2p1=\"{COUNTS}\""));
    }
    // Of all lists the service closes only that of authorization rules by a tag of its own.
    if first.is_none() && element.text.is_empty() && name != "AuthorizationRules" {
        out.push_str("/>");
        return;
    }
    out.push('>');
    out.push_str(&text(&element.text));
    for child in &element.children {
        append(child, "", out);
    }
    out.push_str("</");
    out.push_str(prefix);
    out.push_str(name);
    out.push('>');
}

/// A text between tags. Characters that XML does not have, which a path may hold, are replaced.
pub(in crate::admin) fn text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml_character) {
        return partial_escape(text);
    }
    let replace = |c| if is_xml_character(c) { c } else { '\u{fffd}' };
    let replaced: String = text.chars().map(replace).collect();
    Cow::Owned(partial_escape(replaced).into_owned())
}
