use serde_amqp::primitives::{Array, Symbol};
use serde_bytes::ByteBuf;

use crate::descriptor;
use crate::error::DecodeError;
use crate::types::definitions::Fields;
use crate::walker::{Element, Elements, Kind};

use super::fields::read_fields;

/// The fields of a described list, taken in order.
pub(crate) struct Composite<'a> {
    name: &'static str,
    fields: Elements<'a>,
}

impl<'a> Composite<'a> {
    /// `list` is the value behind the descriptor.
    pub(crate) fn open(name: &'static str, list: Element<'a>) -> Result<Self, DecodeError> {
        match list.kind()? {
            Kind::List(fields) => Ok(Self { name, fields }),
            _ => Err(DecodeError::WrongType("a list of fields").in_field(name, "list")),
        }
    }

    /// The next field; `None` when it is null or omitted.
    pub(crate) fn element(
        &mut self,
        field: &'static str,
    ) -> Result<Option<Element<'a>>, DecodeError> {
        match self.fields.next() {
            Some(Ok(element)) if element.is_null() => Ok(None),
            Some(Ok(element)) => Ok(Some(element)),
            Some(Err(error)) => Err(error.in_field(self.name, field)),
            None => Ok(None),
        }
    }

    /// The next field, read by `read`; errors are told with the field's name.
    pub(crate) fn read<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(Element<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        let Some(element) = self.element(field)? else {
            return Ok(None);
        };
        read(element)
            .map(Some)
            .map_err(|error| error.in_field(self.name, field))
    }

    fn scalar<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        convert: impl FnOnce(&Element<'a>) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        let Some(element) = self.element(field)? else {
            return Ok(None);
        };
        match convert(&element) {
            None => Err(wrong_type(&element, expected).in_field(self.name, field)),
            converted => Ok(converted),
        }
    }

    pub(crate) fn bool(&mut self, field: &'static str) -> Result<Option<bool>, DecodeError> {
        self.scalar(field, "a boolean", Element::as_bool)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<Option<u8>, DecodeError> {
        self.scalar(field, "an unsigned byte", Element::as_u8)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<Option<u16>, DecodeError> {
        self.scalar(field, "an unsigned 16-bit integer", Element::as_u16)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<Option<u32>, DecodeError> {
        self.scalar(field, "an unsigned 32-bit integer", Element::as_u32)
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<Option<u64>, DecodeError> {
        self.scalar(field, "an unsigned 64-bit integer", Element::as_u64)
    }

    pub(crate) fn timestamp(&mut self, field: &'static str) -> Result<Option<i64>, DecodeError> {
        self.scalar(field, "a timestamp", Element::as_timestamp)
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<Option<&'a str>, DecodeError> {
        self.scalar(field, "a string or symbol", Element::as_text)
    }

    pub(crate) fn string(&mut self, field: &'static str) -> Result<Option<String>, DecodeError> {
        Ok(self.text(field)?.map(str::to_owned))
    }

    pub(crate) fn symbol(&mut self, field: &'static str) -> Result<Option<Symbol>, DecodeError> {
        Ok(self.text(field)?.map(Symbol::from))
    }

    pub(crate) fn binary(&mut self, field: &'static str) -> Result<Option<ByteBuf>, DecodeError> {
        let bytes = self.scalar(field, "a binary", Element::as_binary)?;
        Ok(bytes.map(ByteBuf::from))
    }

    /// A field declared `multiple`: an array of symbols, a list of them, or one alone.
    pub(crate) fn symbols(
        &mut self,
        field: &'static str,
    ) -> Result<Option<Array<Symbol>>, DecodeError> {
        self.read(field, |element| read_symbols(&element))
    }

    pub(crate) fn fields(&mut self, field: &'static str) -> Result<Option<Fields>, DecodeError> {
        self.read(field, |element| read_fields(&element))
    }

    /// The value of a mandatory field.
    pub(crate) fn required<T>(
        &self,
        field: &'static str,
        value: Option<T>,
    ) -> Result<T, DecodeError> {
        value.ok_or(DecodeError::MissingField {
            composite: self.name,
            field,
        })
    }

    /// A value from a closed set of numbers or words.
    pub(crate) fn choice<T>(
        &self,
        field: &'static str,
        choice: Option<T>,
    ) -> Result<T, DecodeError> {
        choice.ok_or_else(|| DecodeError::UnknownChoice(field).in_field(self.name, field))
    }

    /// Passes over the fields that are not known here; they must be well-formed all the same.
    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        let name = self.name;
        for field in self.fields {
            field.map_err(|error| error.in_field(name, "list"))?;
        }
        Ok(())
    }
}

#[cold]
fn wrong_type(element: &Element<'_>, expected: &'static str) -> DecodeError {
    match element.kind() {
        Ok(_) => DecodeError::WrongType(expected),
        Err(malformed) => malformed,
    }
}

fn read_symbols(element: &Element<'_>) -> Result<Array<Symbol>, DecodeError> {
    match element.kind()? {
        Kind::Symbol(text) | Kind::String(text) => Ok(Array(vec![Symbol::from(text)])),
        Kind::Array(elements) | Kind::List(elements) => {
            let mut symbols = Vec::new();
            for element in elements {
                let element = element?;
                match element.kind()? {
                    Kind::Symbol(text) | Kind::String(text) => symbols.push(Symbol::from(text)),
                    _ => return Err(DecodeError::WrongType("an array of symbols")),
                }
            }
            Ok(Array(symbols))
        }
        _ => Err(DecodeError::WrongType("a symbol or an array of symbols")),
    }
}

/// Splits a described value; the descriptor's code is `None` when it is not one of the protocol's
/// names and no number.
pub(crate) fn split_described<'a>(
    element: &Element<'a>,
    expected: &'static str,
) -> Result<(Option<u64>, Element<'a>, Element<'a>), DecodeError> {
    match element.kind()? {
        Kind::Described(descriptor, value) => {
            Ok((descriptor::code_of(&descriptor), descriptor, value))
        }
        _ => Err(DecodeError::WrongType(expected)),
    }
}

pub(crate) fn unknown_descriptor(descriptor: &Element<'_>, expected: &'static str) -> DecodeError {
    DecodeError::UnknownDescriptor {
        expected,
        descriptor: descriptor::printable(descriptor),
    }
}

/// The value of a described type that only one descriptor may have.
pub(crate) fn described_as<'a>(
    element: &Element<'a>,
    code: u64,
    expected: &'static str,
) -> Result<Element<'a>, DecodeError> {
    let (found, descriptor, value) = split_described(element, expected)?;
    if found == Some(code) {
        Ok(value)
    } else {
        Err(unknown_descriptor(&descriptor, expected))
    }
}
