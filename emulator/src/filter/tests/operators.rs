//! Operators: precedence, promotions, and which types go together.

use super::*;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);

#[test]
fn comparisons() {
    check(&[
        ("1 = 1", T),
        ("1=0", F),
        ("1 <> 2", T),
        ("1 != 1", F),
        ("1 < 2", T),
        ("2 <= 2", T),
        ("2 > 2", F),
        ("2 >= 2", T),
        ("'a' < 'b'", T),
        ("'B' < 'a'", T),
        ("'a' >= 'aa'", F),
        ("'' = empty", T),
        ("'it''s' = 'it''s'", T),
        ("TRUE = express", T),
        ("TRUE <> FALSE", T),
        ("guid = guid", T),
        ("guid <> other", T),
        ("instant > sys.EnqueuedTimeUtc", T),
        ("offset = instant", T),
        ("minute = minute", T),
        ("uri = 'http://a/'", T),
        ("char = 'x'", T),
    ]);
}

/// U+FF61 comes before U+1F600 as a character, and after its surrogates.
#[test]
fn texts_compare_by_utf16() {
    check(&[("'｡' > '😀'", T)]);
}

#[test]
fn numbers_of_every_type() {
    check(&[
        ("sbyte = -1", T),
        ("byte = 200", T),
        ("short = -300", T),
        ("ushort = 60000", T),
        ("uint = 4000000000", T),
        ("long = -9223372036854775808", T),
        ("long < 0 AND ulong > 9223372036854775807", T),
        ("ulong = 18446744073709551615.0", T),
        ("single = 0.5", T),
        ("decimal = 12.5", T),
        ("price = 2.5", T),
        ("price = 25E-1", T),
        ("price = .25e+1", T),
        ("quantity > price", T),
        ("quantity = 5.0", T),
        ("0.0 / 0 = 0.0 / 0", F),
        ("0.0 / 0 <> 1", T),
        ("0.0 / 0 < 1", F),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        ("1 + 2 = 3", T),
        ("1 - 2 = -1", T),
        ("7 / 2 = 3", T),
        ("-7 / 2 = -3", T),
        ("-7 % 3 = -1", T),
        ("7.0 / 2 = 3.5", T),
        ("7 % 2.5 = 2.0", T),
        ("1.0 / 0 > 1000", T),
        ("1 + 2 * 3 = 7", T),
        ("(1 + 2) * 3 = 9", T),
        ("2 * 3 % 4 = 2", T),
        ("10 - 4 - 3 = 3", T),
        ("100 / 10 / 5 = 2", T),
        ("- - 1 = 1", T),
        ("-1 + 2 = 1", T),
        ("2 - -1 = 3", T),
        ("+1 = 1", T),
        ("-quantity * 2 = -10", T),
        ("9223372036854775807 + 1 > 0", T),
    ]);
    check(&[
        ("missing + 1 = 1", None),
        ("1 - nothing = 1", None),
        ("-missing = 0", None),
        ("-minute < minute", T),
        ("minute + minute > minute", T),
        ("instant - sys.EnqueuedTimeUtc = minute", T),
        ("instant - minute = sys.EnqueuedTimeUtc", T),
    ]);
    check_errors(&[
        ("1 / 0 = 1", "Attempted to divide by zero."),
        ("1 % 0 = 1", "Attempted to divide by zero."),
        (
            "ulong + 1 = 1",
            "Arithmetic operation resulted in an overflow.",
        ),
        (
            "long - 1 = 1",
            "Arithmetic operation resulted in an overflow.",
        ),
        (
            "ulong * ulong * ulong = 1",
            "Arithmetic operation resulted in an overflow.",
        ),
    ]);
}

#[test]
fn concatenation() {
    check(&[
        ("'a' + 'b' = 'ab'", T),
        ("color + quantity = 'red5'", T),
        ("1 + 2 + 'a' = '3a'", T),
        ("'a' + 1 + 2 = 'a12'", T),
        ("'a' + price = 'a2.5'", T),
        ("'a' + express = 'aTrue'", T),
        ("'' + guid = '11111111-1111-1111-1111-111111111111'", T),
        ("color + missing = 'red'", None),
    ]);
    check_errors(&[(
        "'a' + bytes = 'a'",
        "Operator '+' cannot be applied to operands of type 'string' and 'object'.",
    )]);
    let long = message(&[("long", Value::text(&"x".repeat(40_000)))]);
    let found = holds("long + long = 'x'", &long, &Parameters::default());
    assert_eq!(found, Err(EvaluationError::TextTooLong));
}

#[test]
fn binding() {
    check(&[
        ("TRUE OR TRUE AND FALSE", T),
        ("(TRUE OR TRUE) AND FALSE", F),
        ("NOT FALSE OR TRUE", T),
        ("NOT (FALSE OR TRUE)", F),
        ("NOT FALSE AND FALSE", F),
        ("NOT NOT TRUE", T),
        ("NOT quantity = 4", T),
        ("NOT color IN ('red')", F),
        ("NOT color IS NULL", T),
        ("NOT color LIKE 'x'", T),
        ("1 + 1 IN (2)", T),
        ("'a' + 'b' LIKE 'a' + '_'", T),
        ("1 + 1 < 1 + 2 AND 2 * 2 = 4", T),
    ]);
}

#[test]
fn types_that_do_not_go_together() {
    let table = [
        ("color = 1", "==", "string", "long"),
        ("quantity <> 'red'", "!=", "int", "string"),
        ("express > TRUE", ">", "bool", "bool"),
        ("guid < other", "<", "System.Guid", "System.Guid"),
        ("guid = '1'", "==", "System.Guid", "string"),
        ("instant = 1", "==", "System.DateTime", "long"),
        ("bytes = bytes", "==", "object", "object"),
        ("express + 1 = 2", "+", "bool", "long"),
        ("color - 'd' = 're'", "-", "string", "string"),
        (
            "instant + instant = instant",
            "+",
            "System.DateTime",
            "System.DateTime",
        ),
        ("instant * 2 = instant", "*", "System.DateTime", "long"),
        (
            "minute - instant = minute",
            "-",
            "System.TimeSpan",
            "System.DateTime",
        ),
    ];
    let message = sample();
    for (expression, operator, left, right) in table {
        let found = holds(expression, &message, &Parameters::default());
        let error = EvaluationError::Operands {
            operator,
            left,
            right,
        };
        assert_eq!(found, Err(error), "{expression}");
    }
    check_errors(&[
        (
            "-color = 'red'",
            "Operator '-' cannot be applied to operand of type 'string'.",
        ),
        (
            "color",
            "Cannot implicitly convert type 'string' to 'bool'.",
        ),
        (
            "NOT quantity",
            "Cannot implicitly convert type 'int' to 'bool'.",
        ),
    ]);
}
