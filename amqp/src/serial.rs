//! Serial-number arithmetic (RFC 1982, as AMQP 1.0, 2.8.10 asks for) on 32-bit sequence numbers.

/// The signed distance from one serial number to another, the short way round.
pub(crate) fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from) as i32
}

/// Where an unwrapped counter starts whose wire value is `serial`: one lap up, so that numbers just
/// before it have a place too.
pub(crate) fn origin(serial: u32) -> u64 {
    (1 << 32) | u64::from(serial)
}

/// The unwrapped number nearest to `near` whose low 32 bits are `serial`.
pub(crate) fn unwrap_near(near: u64, serial: u32) -> u64 {
    near.wrapping_add_signed(i64::from(distance(near as u32, serial)))
}

/// The wire value of an unwrapped number.
pub(crate) fn wire(number: u64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distance_wraps_both_ways() {
        assert_eq!(distance(u32::MAX, 0), 1);
        assert_eq!(distance(0, u32::MAX), -1);
        assert_eq!(distance(5, 5), 0);
    }

    proptest! {
        #[test]
        fn unwrapping_keeps_the_serial_and_the_distance(start: u32, step in -1_000_000i32..1_000_000) {
            let near = origin(start);
            let number = unwrap_near(near, start.wrapping_add_signed(step));
            prop_assert_eq!(wire(number), start.wrapping_add_signed(step));
            prop_assert_eq!(number as i64 - near as i64, i64::from(step));
        }
    }
}
