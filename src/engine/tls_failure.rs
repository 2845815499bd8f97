//! Why there is no TLS with a server, in words that somebody can act on.
//!
//! What a certificate is like does not change by connecting again, so such errors are final; a handshake that the
//! network cut is not.

use std::io;

use chrono::{DateTime, SecondsFormat};
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error as TlsError};

use crate::error::{Error, ErrorKind};

/// Why a handshake failed.
pub(crate) fn failed(place: &str, error: io::Error) -> Error {
    if let Some(refusal) = refusal(place, &error) {
        return refusal;
    }
    let (cause, final_) = match tls_error(&error) {
        Some(TlsError::InvalidCertificate(problem)) => (certificate_problem(problem), true),
        Some(TlsError::InvalidMessage(_)) => ("what answers there is not TLS".to_owned(), true),
        // An alert that is no verdict on a certificate, such as `internal_error`, is about the moment.
        Some(TlsError::AlertReceived(_)) | None => (error.to_string(), false),
        Some(_) => (error.to_string(), true),
    };
    Error::new(
        ErrorKind::Communication,
        format!("no TLS with {place}: {cause}"),
    )
    .with_retryable(!final_)
    .with_source(error)
}

/// The server's verdict on the certificate of this client, or on its lack, if the error is that.
pub(crate) fn refusal(place: &str, error: &io::Error) -> Option<Error> {
    let Some(TlsError::AlertReceived(alert)) = tls_error(error) else {
        return None;
    };
    let verdict = match alert {
        AlertDescription::CertificateRequired => {
            "it demands a client certificate, see ClientBuilder::client_certificate"
        }
        AlertDescription::CertificateExpired => "the client certificate has expired",
        AlertDescription::CertificateRevoked => "the client certificate was revoked",
        AlertDescription::UnknownCA => "it does not trust the issuer of the client certificate",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => "it does not accept the client certificate",
        _ => return None,
    };
    let text = format!("{place} refuses TLS: {verdict}");
    Some(Error::new(ErrorKind::Authentication, text).with_source(TlsError::AlertReceived(*alert)))
}

fn tls_error(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}

fn certificate_problem(problem: &CertificateError) -> String {
    match problem {
        CertificateError::Expired => "its certificate has expired".to_owned(),
        CertificateError::ExpiredContext { time, not_after } => format!(
            "its certificate expired on {}; by the clock of this machine it is {}",
            readable(*not_after),
            readable(*time)
        ),
        CertificateError::NotValidYet => "its certificate is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "its certificate is not valid before {}; by the clock of this machine it is {}",
            readable(*not_before),
            readable(*time)
        ),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "its certificate is for {}, not for {}; see ClientBuilder::tls_server_name",
            names(presented),
            expected.to_str()
        ),
        CertificateError::UnknownIssuer => {
            "the issuer of its certificate is not trusted here; see \
             ClientBuilder::root_certificate_file"
                .to_owned()
        }
        CertificateError::BadSignature => {
            "its certificate is not signed with the key of the issuer that is trusted here under \
             that name; see ClientBuilder::root_certificate_file"
                .to_owned()
        }
        other => other.to_string(),
    }
}

fn readable(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(
            || format!("{} s after 1970", time.as_secs()),
            |time| time.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
}

/// The names of a certificate, as many as help.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 4;
    if presented.is_empty() {
        return "no name at all".to_owned();
    }
    // The verifier writes them as `DnsName("contoso.example")` and `IpAddress(10.0.0.1)`.
    let names = presented.iter().take(SHOWN).map(|name| {
        let inner = name
            .split_once('(')
            .map_or(name.as_str(), |(_, inner)| inner);
        inner.trim_matches([')', '"']).to_owned()
    });
    let mut text = names.collect::<Vec<_>>().join(", ");
    if presented.len() > SHOWN {
        text.push_str(", ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(error: TlsError) -> Error {
        failed("ns:5671", io::Error::new(io::ErrorKind::InvalidData, error))
    }

    #[test]
    fn a_certificate_out_of_its_time_is_said_with_both_times() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let error = of(TlsError::InvalidCertificate(
            CertificateError::ExpiredContext {
                time: at(86_400),
                not_after: at(0),
            },
        ));
        assert_eq!(
            error.to_string(),
            "no TLS with ns:5671: its certificate expired on 1970-01-01T00:00:00Z; by the clock of this machine it is \
             1970-01-02T00:00:00Z"
        );
        assert!(!error.is_retryable(), "{error:?}");
    }

    #[test]
    fn only_what_may_pass_is_worth_another_attempt() {
        let cut = failed("ns:5671", io::ErrorKind::UnexpectedEof.into());
        assert!(cut.is_retryable(), "{cut:?}");
        let alert = |alert| of(TlsError::AlertReceived(alert));
        assert!(alert(AlertDescription::InternalError).is_retryable());
        let demanded = alert(AlertDescription::CertificateRequired);
        assert!(!demanded.is_retryable(), "{demanded:?}");
        assert_eq!(demanded.kind(), ErrorKind::Authentication);
        let unknown = alert(AlertDescription::UnknownCA);
        assert_eq!(unknown.kind(), ErrorKind::Authentication);
    }
}
