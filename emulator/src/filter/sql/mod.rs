//! The language of SQL filters and actions, a subset of SQL-92 ("Subscription Rule SQL Filter Syntax"
//! and "Subscription Rule SQL Action Syntax", Service Bus docs).

mod evaluation;
mod expression;
mod grammar;
mod parser_state;
mod statement;
mod syntax_error;
mod token;

pub(super) use self::expression::{Expression, PropertyName, Scope};
pub(super) use self::grammar::parse_condition;
pub(super) use self::statement::{parse_statements, Statement};
pub(crate) use self::syntax_error::SyntaxError;
