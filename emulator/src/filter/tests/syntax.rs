//! What is an expression or an action, and what is said of a text that is none.

use super::*;
use crate::filter::sql::parse_statements;
use crate::filter::{Action, SqlFilter};

fn refusal<T>(parsed: Result<T, FilterError>) -> String {
    match parsed {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn condition(text: &str) -> String {
    refusal(parse_condition(text, &Parameters::default()))
}

fn action(text: &str) -> String {
    refusal(parse_statements(text, &Parameters::default()))
}

fn sentence(line: usize, column: usize, token: &str, details: &str) -> String {
    format!(
        "There was an error parsing the SQL expression. [Token line={line}, column={column}, \
         Token in error= {token}, Additional details= {details}]"
    )
}

#[test]
fn accepted_conditions() {
    for text in [
        "1=1",
        "a=1",
        " a\t=\r\n1 ",
        "a = 1 and b = 2 or not c = 3",
        "a IS NULL",
        "[a] is not null",
        "\"a \"\" b\" = 'c'",
        "sys.Label = user.Label",
        "sys = 1 AND user = 2",
        "sys.[x] = 1",
        "set = 1 AND remove = 2",
        "exists(a)",
        "a",
        "(a)",
        "((a = 1))",
        "property(a) = property('b')",
        "(a) LIKE ((b)) ESCAPE (c)",
        "a_1 = .5 AND b = 1e10 AND c = 1.5E-3",
        "é = 1",
    ] {
        assert_eq!(condition(text), "accepted", "{text}");
    }
}

#[test]
fn accepted_actions() {
    for text in [
        "SET a = 1",
        "set a = 1;",
        "SET a = 1; REMOVE b",
        "SET a = 1, REMOVE b;",
        "SET a = b + 1 REMOVE b SET sys.Label = 'x'",
        "REMOVE sys.Label",
        "SET [set] = set",
    ] {
        assert_eq!(action(text), "accepted", "{text}");
    }
}

/// The wording is that of the service in public reports of its users.
#[test]
fn refused_conditions() {
    let table = [
        ("", 1, 0, "", "syntax error, unexpected EOF"),
        ("a =", 1, 3, "", "syntax error, unexpected EOF"),
        ("a b", 1, 2, "b", "syntax error, unexpected IDENTIFIER"),
        ("a = = b", 1, 4, "=", "syntax error, unexpected ="),
        ("a = 1 b", 1, 6, "b", "syntax error, unexpected IDENTIFIER"),
        ("a = 1 AND", 1, 9, "", "syntax error, unexpected EOF"),
        ("a =\n 1 ]", 2, 3, "]", "Unrecognized character. ']'"),
        ("a = 'x", 1, 4, "'", "Unrecognized character. '''"),
        ("[] = 1", 1, 0, "[", "Unrecognized character. '['"),
        ("é = é # 1", 1, 6, "#", "Unrecognized character. '#'"),
        ("_a = 1", 1, 0, "_", "Unrecognized character. '_'"),
        (
            "a = 9223372036854775809",
            1,
            4,
            "9",
            "Unrecognized character. '9'",
        ),
        ("a.b = 1", 1, 1, ".", "syntax error, unexpected ."),
        ("a = b = c", 1, 6, "=", "syntax error, unexpected ="),
        ("(a = 1", 1, 6, "", "syntax error, unexpected EOF"),
        (
            "a IS 1",
            1,
            5,
            "1",
            "syntax error, unexpected INTEGER, expecting NOT, or NULL",
        ),
        (
            "a IS NOT 'x'",
            1,
            9,
            "'x'",
            "syntax error, unexpected STRING, expecting NULL",
        ),
        (
            "a NOT NULL",
            1,
            6,
            "NULL",
            "syntax error, unexpected NULL, expecting IN, or LIKE",
        ),
        (
            "a IN 1",
            1,
            5,
            "1",
            "syntax error, unexpected INTEGER, expecting (",
        ),
        ("a IN ()", 1, 6, ")", "syntax error, unexpected )"),
        (
            "EXISTS a",
            1,
            7,
            "a",
            "syntax error, unexpected IDENTIFIER, expecting (",
        ),
        (
            "EXISTS('a')",
            1,
            7,
            "'a'",
            "syntax error, unexpected STRING, expecting IDENTIFIER, or DELIMITED_IDENTIFIER",
        ),
        (
            "newid(1) = a",
            1,
            6,
            "1",
            "syntax error, unexpected INTEGER, expecting )",
        ),
        (
            "SET a = 1",
            1,
            4,
            "a",
            "syntax error, unexpected IDENTIFIER",
        ),
        (
            "a BETWEEN 1 AND 2",
            1,
            2,
            "BETWEEN",
            "syntax error, unexpected IDENTIFIER",
        ),
        ("5", 1, 1, "", "a condition must stand before this"),
        ("'a' AND b", 1, 9, "", "a condition must stand before this"),
        (
            "NOT 1 OR a",
            1,
            6,
            "OR",
            "a condition must stand before this",
        ),
        (
            "(a = 1) + 1 = 2",
            1,
            12,
            "=",
            "a value must stand before this, not a condition",
        ),
        (
            "a IN (b = 1)",
            1,
            11,
            ")",
            "a value must stand before this, not a condition",
        ),
        ("1 IS NULL", 1, 5, "NULL", "IS NULL asks for a property"),
    ];
    for (text, line, column, token, details) in table {
        assert_eq!(
            condition(text),
            sentence(line, column, token, details),
            "{text}"
        );
    }
}

#[test]
fn refused_actions() {
    let table = [
        (
            "EventType = OriginalEventType",
            0,
            "EventType",
            "syntax error, unexpected IDENTIFIER, expecting SET, or REMOVE",
        ),
        (
            "",
            0,
            "",
            "syntax error, unexpected EOF, expecting SET, or REMOVE",
        ),
        ("SET", 3, "", "syntax error, unexpected EOF"),
        ("SET a", 5, "", "syntax error, unexpected EOF, expecting ="),
        (
            "SET a = b = c",
            13,
            "",
            "a value must stand before this, not a condition",
        ),
        (
            "REMOVE a.b",
            8,
            ".",
            "syntax error, unexpected ., expecting ;, or ,, or SET, or REMOVE, or EOF",
        ),
        ("SET 'a' = 1", 4, "'a'", "syntax error, unexpected STRING"),
    ];
    for (text, column, token, details) in table {
        let found = action(text);
        assert!(
            found.starts_with(sentence(1, column, token, details).trim_end_matches(']')),
            "{text}: {found}"
        );
    }
}

#[test]
fn length() {
    let text = |length: usize| format!("a = '{}'", "ä".repeat(length - 6));
    assert_eq!(condition(&text(1_024)), "accepted");
    let error =
        "The length of the expression exceeds the maximum allowed length of 1024 characters.";
    assert_eq!(condition(&text(1_025)), error);
    assert_eq!(action(&format!("SET {}", text(1_024))), error);
}

#[test]
fn statements() {
    let text = |count: usize| "SET a = 1;".repeat(count);
    assert_eq!(action(&text(32)), "accepted");
    let error = "The number of statements in the action exceeds the maximum of 32.";
    assert_eq!(action(&text(33)), error);
}

#[test]
fn depth() {
    let deep = |count: usize| format!("a = {}1{}", "(".repeat(count), ")".repeat(count));
    assert_eq!(condition(&deep(32)), "accepted");
    let error = "The expression is nested too deeply: at most 32 levels are allowed.";
    for text in [
        deep(33),
        deep(500),
        "a = ".to_owned() + &"- ".repeat(500) + "1",
        "a = ".to_owned() + &"+".repeat(1_000) + "1",
        "NOT ".repeat(250) + "a",
        "p(".repeat(300) + "'a'" + &")".repeat(300) + " = 1",
        "a = ".to_owned() + &"(-".repeat(300),
        "a IN (".to_owned() + &"(".repeat(300),
    ] {
        assert_eq!(condition(&text), error, "{text}");
        if text.starts_with("a =") {
            assert_eq!(action(&format!("SET {text}")), error, "{text}");
        }
    }
}

/// The longest chains that fit are read, evaluated and dropped on a small stack.
#[test]
fn chains() {
    for text in [
        format!("{}0 = 500", "1+".repeat(500)),
        format!("{}1=1", "1=1AND ".repeat(140)),
        format!("{}express{}", "NOT (".repeat(16), ")".repeat(16)),
        format!("express OR a = {}1{}", "(-".repeat(16), ")".repeat(16)),
    ] {
        let check = move || {
            let found = holds(&text, &sample(), &Parameters::default());
            assert_eq!(found, Ok(Some(true)), "{text}");
        };
        let thread = std::thread::Builder::new().stack_size(768 * 1_024);
        thread.spawn(check).unwrap().join().unwrap();
    }
}

#[test]
fn texts_are_kept_as_they_were_written() {
    let filter = SqlFilter::new(" a  =  1 ", &Parameters::default()).unwrap();
    assert_eq!(filter.expression(), " a  =  1 ");
    let action = Action::new(" SET a  =  1; ", &Parameters::default()).unwrap();
    assert_eq!(action.expression(), " SET a  =  1; ");
}
