//! The `LIKE` operator.

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// `%`: any run of characters, an empty one too.
    Run,
    /// `_`: one character.
    One,
    Literal(char),
}

/// Whether a text is like a pattern; `None` if the pattern ends with the escape character, which then
/// has nothing to escape.
///
/// Takes time proportional to the product of the lengths at most: only the last `%` is returned to.
pub(super) fn is_like(text: &str, pattern: &str, escape: Option<char>) -> Option<bool> {
    let pieces = pieces(pattern, escape)?;
    let mut rest = text.chars();
    let mut at = 0;
    // Where to go on when the pieces after the last run do not fit: one character further.
    let mut last_run: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let before = rest.clone();
        let fits = match (pieces.get(at), rest.next()) {
            (None, None) => return Some(true),
            (Some(Piece::Run), _) => {
                last_run = Some((at + 1, before.clone()));
                rest = before;
                true
            }
            (Some(Piece::One), Some(_)) => true,
            (Some(Piece::Literal(wanted)), Some(found)) => *wanted == found,
            (Some(_), None) => return Some(false),
            (None, Some(_)) => false,
        };
        if fits {
            at += 1;
        } else {
            let Some((after, from)) = &mut last_run else {
                return Some(false);
            };
            from.next();
            rest = from.clone();
            at = *after;
        }
    }
}

fn pieces(pattern: &str, escape: Option<char>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        pieces.push(match character {
            _ if Some(character) == escape => Piece::Literal(characters.next()?),
            '%' => Piece::Run,
            '_' => Piece::One,
            other => Piece::Literal(other),
        });
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let table = [
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            ("abc", "abc", true),
            ("abc", "ABC", false),
            ("abc", "ab", false),
            ("abc", "abcd", false),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "%b%", true),
            ("abc", "%d%", false),
            ("abc", "a_c", true),
            ("abc", "___", true),
            ("abc", "__", false),
            ("abc", "%%%", true),
            ("aXbXc", "a%X%c", true),
            ("aab", "%ab", true),
            ("ababac", "%abac", true),
            ("a.c", "a.c", true),
            ("abc", "a.c", false),
            ("ä€😀", "___", true),
            ("50 !% off", "50 !! off", false),
        ];
        for (text, pattern, expected) in table {
            assert_eq!(
                is_like(text, pattern, None),
                Some(expected),
                "{text:?} LIKE {pattern:?}"
            );
        }
    }

    #[test]
    fn escapes() {
        let table = [
            ("ABC%", r"ABC\%", Some(true)),
            ("ABCD", r"ABC\%", Some(false)),
            ("a_c", r"a\_c", Some(true)),
            ("abc", r"a\_c", Some(false)),
            (r"a\c", r"a\\c", Some(true)),
            ("axc", r"a\xc", Some(true)),
            ("abc", r"abc\", None),
        ];
        for (text, pattern, expected) in table {
            let found = is_like(text, pattern, Some('\\'));
            assert_eq!(found, expected, "{text:?} LIKE {pattern:?} ESCAPE '\\'");
        }
        assert_eq!(is_like("100%", "100%%", Some('%')), Some(true));
        assert_eq!(is_like("1000", "100%%", Some('%')), Some(false));
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let text = "a".repeat(20_000);
        let pattern = "%a".repeat(300) + "b";
        assert_eq!(is_like(&text, &pattern, None), Some(false));
    }
}
