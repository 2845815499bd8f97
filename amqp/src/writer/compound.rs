//! Lists, maps, arrays and described values.

use bytes::BufMut;

use super::Writer;
use crate::error::EncodeError;
use crate::format_code as code;

/// Bytes of the size and count fields of a compound value, in its wide encoding.
const WIDE_FIELDS: usize = 8;
/// Bytes of the size and count fields of a compound value, in its narrow encoding.
const NARROW_FIELDS: usize = 2;

#[derive(Clone, Copy)]
struct Compound {
    empty: Option<u8>,
    narrow: u8,
    wide: u8,
}

const LIST: Compound = Compound {
    empty: Some(code::LIST0),
    narrow: code::LIST8,
    wide: code::LIST32,
};

const MAP: Compound = Compound {
    empty: None,
    narrow: code::MAP8,
    wide: code::MAP32,
};

const ARRAY: Compound = Compound {
    empty: None,
    narrow: code::ARRAY8,
    wide: code::ARRAY32,
};

impl Writer<'_> {
    /// A list of the values that `fill` writes.
    pub fn put_list(&mut self, fill: impl FnOnce(&mut Self)) {
        self.put_compound(LIST, |writer| {
            fill(writer);
        });
    }

    /// A map of the keys and values that `fill` writes in turn.
    pub fn put_map(&mut self, fill: impl FnOnce(&mut Self)) {
        self.put_compound(MAP, |writer| {
            fill(writer);
        });
    }

    /// An array of the values that `fill` writes, all with one `constructor`: that of the type's
    /// widest encoding (`SYM32`, `UINT`, `LIST32`, ..; booleans `BOOLEAN`), or for texts and
    /// binaries of at most 255 bytes the narrow one. An array without elements keeps its constructor.
    pub fn put_array(&mut self, constructor: u8, fill: impl FnOnce(&mut Self)) {
        self.put_array_of(&[constructor], fill);
    }

    /// An array of described values that share one descriptor, written already encoded;
    /// `fill` writes the values without their descriptor.
    pub fn put_described_array(
        &mut self,
        descriptor: &[u8],
        constructor: u8,
        fill: impl FnOnce(&mut Self),
    ) {
        let mut whole = Vec::with_capacity(descriptor.len() + 2);
        whole.push(code::DESCRIBED);
        whole.extend_from_slice(descriptor);
        whole.push(constructor);
        self.put_array_of(&whole, fill);
    }

    /// A described value; `fill` writes the value, exactly one.
    pub fn put_described(&mut self, descriptor: u64, fill: impl FnOnce(&mut Self)) {
        self.put_described_by(|writer| writer.put_ulong(descriptor), fill);
    }

    /// A described value with any descriptor; both closures write exactly one value.
    pub fn put_described_by(
        &mut self,
        descriptor: impl FnOnce(&mut Self),
        fill: impl FnOnce(&mut Self),
    ) {
        if let Some(array) = self.element {
            return self.fail(EncodeError::MixedArray {
                array,
                element: code::DESCRIBED,
            });
        }
        let count = self.count;
        self.out.put_u8(code::DESCRIBED);
        descriptor(self);
        fill(self);
        self.count = count;
        self.count_value();
    }

    /// A described list without the nulls at its end: the form of performatives, termini, states
    /// and list-like sections, whose omitted fields are null (AMQP 1.0, 1.4).
    pub fn put_composite(&mut self, descriptor: u64, fill: impl FnOnce(&mut Self)) {
        self.put_described(descriptor, |writer| {
            writer.put_compound(LIST, |writer| {
                fill(writer);
                // A null is one octet.
                let kept = writer.out.len() - writer.trailing_nulls;
                writer.out.truncate(kept);
                writer.count -= writer.trailing_nulls;
            });
        });
    }

    fn put_array_of(&mut self, constructor: &[u8], fill: impl FnOnce(&mut Self)) {
        let element = constructor.last().copied().unwrap_or_default();
        if !is_array_constructor(element) {
            return self.fail(EncodeError::ArrayConstructor(element));
        }
        self.put_compound(ARRAY, |writer| {
            writer.out.put_slice(constructor);
            writer.element = Some(element);
            fill(writer);
        });
    }

    /// Writes a compound value narrow and widens it afterwards if it has to be: most are short.
    fn put_compound(&mut self, kind: Compound, fill: impl FnOnce(&mut Self)) {
        let element = self.element;
        if element.is_some_and(|element| element != kind.wide) {
            return self.fail(EncodeError::MixedArray {
                array: element.unwrap_or_default(),
                element: kind.wide,
            });
        }
        let count = self.count;
        let start = self.out.len();
        if element.is_none() {
            self.out.put_u8(kind.narrow);
        }
        let fields = self.out.len();
        let reserved = if element.is_some() {
            WIDE_FIELDS
        } else {
            NARROW_FIELDS
        };
        self.out.put_bytes(0, reserved);
        self.element = None;
        self.count = 0;
        self.trailing_nulls = 0;

        fill(self);

        let inner_count = self.count;
        self.element = element;
        self.count = count;
        self.count_value();
        let content = self.out.len() - fields - reserved;
        match (element, kind.empty) {
            (None, Some(empty)) if inner_count == 0 => {
                self.out.truncate(start);
                self.out.put_u8(empty);
            }
            (None, _) if fits_narrow(content, inner_count) => {
                self.patch_narrow(fields, content, inner_count);
            }
            (None, _) => {
                self.widen(start, kind.wide, content);
                self.patch_wide(fields, content, inner_count);
            }
            (Some(_), _) => self.patch_wide(fields, content, inner_count),
        }
    }

    fn widen(&mut self, start: usize, constructor: u8, content: usize) {
        let narrow_content = start + 1 + NARROW_FIELDS;
        self.out.put_bytes(0, WIDE_FIELDS - NARROW_FIELDS);
        self.out.copy_within(
            narrow_content..narrow_content + content,
            start + 1 + WIDE_FIELDS,
        );
        if let Some(octet) = self.out.get_mut(start) {
            *octet = constructor;
        }
    }

    fn patch_narrow(&mut self, fields: usize, content: usize, count: usize) {
        // `fits_narrow` has said that neither is cut.
        let size = u8::try_from(content + 1).unwrap_or(u8::MAX);
        let count = u8::try_from(count).unwrap_or(u8::MAX);
        self.patch(fields, &[size, count]);
    }

    fn patch_wide(&mut self, fields: usize, content: usize, count: usize) {
        let (Ok(size), Ok(count)) = (u32::try_from(content + 4), u32::try_from(count)) else {
            return self.fail(EncodeError::TooLong(content));
        };
        self.patch(fields, &size.to_be_bytes());
        self.patch(fields + 4, &count.to_be_bytes());
    }

    fn patch(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}

fn fits_narrow(content: usize, count: usize) -> bool {
    // The size field counts the count field as well.
    content < usize::from(u8::MAX) && count <= usize::from(u8::MAX)
}

fn is_array_constructor(constructor: u8) -> bool {
    matches!(
        constructor,
        code::NULL
            | code::BOOLEAN
            | code::UBYTE
            | code::BYTE
            | code::USHORT
            | code::SHORT
            | code::UINT
            | code::INT
            | code::FLOAT
            | code::CHAR
            | code::DECIMAL32
            | code::ULONG
            | code::LONG
            | code::DOUBLE
            | code::TIMESTAMP
            | code::DECIMAL64
            | code::DECIMAL128
            | code::UUID
            | code::VBIN8
            | code::STR8
            | code::SYM8
            | code::VBIN32
            | code::STR32
            | code::SYM32
            | code::LIST32
            | code::MAP32
            | code::ARRAY32
    )
}
