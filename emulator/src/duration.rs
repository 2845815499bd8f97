//! Spans of time as XML Schema writes them and .NET reads them.

use std::time::Duration;

use crate::broker::FOREVER;

const NANOSECONDS_PER_TICK: u32 = 100;
const SECONDS: [(char, u64); 3] = [('H', 3_600), ('M', 60), ('S', 1)];
const DAY: u64 = 86_400;

/// Writes a span: `PT1M`, `P14D`, `P10675199DT2H48M5.4775807S`.
pub(crate) fn write(span: Duration) -> String {
    let mut out = String::from("P");
    let (days, mut rest) = (span.as_secs() / DAY, span.as_secs() % DAY);
    let ticks = span.subsec_nanos() / NANOSECONDS_PER_TICK;
    if days > 0 {
        out.push_str(&format!("{days}D"));
    }
    if rest > 0 || ticks > 0 || days == 0 {
        out.push('T');
    }
    for (letter, seconds) in SECONDS {
        let count = rest / seconds;
        rest %= seconds;
        if letter == 'S' && ticks > 0 {
            let fraction = format!("{ticks:07}");
            out.push_str(&format!("{count}.{}S", fraction.trim_end_matches('0')));
        } else if count > 0 || (letter == 'S' && out.ends_with('T')) {
            out.push_str(&format!("{count}{letter}"));
        }
    }
    out
}

/// Writes a span as .NET prints it: `25.00:00:00`, in error texts.
pub(crate) fn print(span: Duration) -> String {
    let (days, rest) = (span.as_secs() / DAY, span.as_secs() % DAY);
    let mut out = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    if days > 0 {
        out = format!("{days}.{out}");
    }
    match span.subsec_nanos() / NANOSECONDS_PER_TICK {
        0 => out,
        ticks => format!("{out}.{ticks:07}"),
    }
}

/// Reads a span in days, hours, minutes and seconds; years and months are not used.
///
/// `None` for what is no span, is negative, or is longer than [`FOREVER`].
pub(crate) fn read(text: &str) -> Option<Duration> {
    let text = text.trim().strip_prefix('P')?;
    let (date, time) = match text.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let mut span = Duration::ZERO;
    if !date.is_empty() {
        span = seconds(date.strip_suffix('D')?, DAY)?;
    }
    let mut rest = time;
    for (letter, unit) in SECONDS {
        let Some((count, after)) = rest.split_once(letter) else {
            continue;
        };
        let part = match count.split_once('.') {
            Some((whole, digits)) if letter == 'S' => {
                seconds(whole, unit)?.checked_add(fraction(digits)?)?
            }
            Some(_) => return None,
            None => seconds(count, unit)?,
        };
        span = span.checked_add(part)?;
        rest = after;
    }
    (rest.is_empty() && span <= FOREVER).then_some(span)
}

fn seconds(count: &str, unit: u64) -> Option<Duration> {
    if count.is_empty() || !count.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = count.parse().ok()?;
    Some(Duration::from_secs(count.checked_mul(unit)?))
}

/// What stands behind the point, to the tick.
fn fraction(digits: &str) -> Option<Duration> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let ticks: String = digits.chars().chain("0000000".chars()).take(7).collect();
    let ticks: u32 = ticks.parse().ok()?;
    Some(Duration::new(0, ticks.checked_mul(NANOSECONDS_PER_TICK)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_the_service_writes_them() {
        for (text, seconds) in [
            ("PT0S", 0),
            ("PT13S", 13),
            ("PT1M", 60),
            ("PT1M35S", 95),
            ("PT1H40M", 6_000),
            ("P5D", 432_000),
            ("P1DT1S", 86_401),
            ("P1DT1H", 90_000),
        ] {
            let span = Duration::from_secs(seconds);
            assert_eq!(write(span), text);
            assert_eq!(read(text), Some(span), "{text}");
        }
    }

    #[test]
    fn the_longest_spans_of_clients_survive() {
        for text in [
            "P10675199DT2H48M5.4775807S",
            "P10675199DT2H48M5.477S",
            "P10675199DT2H48M5.477539S",
            "PT0.5S",
        ] {
            assert_eq!(read(text).map(write).as_deref(), Some(text));
        }
        assert_eq!(read("P10675199DT2H48M5.4775807S"), Some(FOREVER));
    }

    #[test]
    fn spans_are_printed_as_dotnet_prints_them() {
        assert_eq!(print(Duration::from_secs(25 * DAY)), "25.00:00:00");
        assert_eq!(print(Duration::from_millis(301_500)), "00:05:01.5000000");
    }

    #[test]
    fn other_spellings_of_a_span_are_read() {
        assert_eq!(read("PT95S"), Some(Duration::from_secs(95)));
        assert_eq!(read(" P0DT60M "), Some(Duration::from_secs(3_600)));
        assert_eq!(read("PT1.00000019S"), Some(Duration::new(1, 100)));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "1M",
            "PT1",
            "P1Y",
            "P1M",
            "-PT1S",
            "PT-1S",
            "PT1S1M",
            "PT1.S",
            "PT.5S",
            "PT1.5M",
            "PT1e3S",
            "P10675199DT2H48M5.4775808S",
            "P99999999999999999999D",
            "P1DT",
            "PT1S ;",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
