//! What the holder of a key may do.

use std::fmt;

/// One of the rights that the service knows, by its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Everything, management included.
    Manage,
    /// Send and schedule messages.
    Send,
    /// Receive, settle and peek at messages.
    Listen,
}

impl Right {
    /// Reads the name of a right.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Right::Manage, Right::Send, Right::Listen]
            .into_iter()
            .find(|right| right.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Right::Manage => "Manage",
            Right::Send => "Send",
            Right::Listen => "Listen",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights(u8);

impl Rights {
    pub(crate) fn all() -> Self {
        [Right::Manage, Right::Send, Right::Listen]
            .into_iter()
            .collect()
    }

    pub(crate) fn include(self, right: Right) -> bool {
        self.0 & bit(right) != 0
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |set, right| set | bit(right)))
    }
}

fn bit(right: Right) -> u8 {
    match right {
        Right::Manage => 1,
        Right::Send => 2,
        Right::Listen => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_includes_what_was_put_into_it() {
        let set: Rights = [Right::Send].into_iter().collect();
        assert!(set.include(Right::Send) && !set.include(Right::Listen));
        assert!(!Rights::default().include(Right::Send));
        assert!(Rights::all().include(Right::Manage));
    }

    #[test]
    fn names_are_those_of_the_service() {
        for right in [Right::Manage, Right::Send, Right::Listen] {
            assert_eq!(Right::parse(right.name()), Some(right));
        }
        assert_eq!(Right::parse("manage"), None);
    }
}
