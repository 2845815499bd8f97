//! The task that serves one HTTP connection.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, CONTENT_TYPE, ETAG};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answer::Answer;
use super::fault::Fault;
use super::request::Inquiry;
use crate::hub::SharedHub;

/// The most connections at a time; further ones are closed at once.
const MAX_CONNECTIONS: usize = 256;

/// How long a request and the reading of its answer may take, and how long a connection may idle.
const PATIENCE: Duration = Duration::from_secs(60);

/// Larger than any description can be: names, metadata and keys are all limited.
const MAX_BODY: usize = 256 * 1024;

/// Request line and headers.
const MAX_HEAD: usize = 64 * 1024;

/// Bounds the number of HTTP connections.
#[derive(Clone)]
pub(crate) struct Admission(Arc<Semaphore>);

impl Admission {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_CONNECTIONS)))
    }
}

/// Serves a connection until it ends, or has kept the emulator waiting for too long.
pub(crate) async fn serve(stream: TcpStream, admission: Admission, hub: SharedHub) {
    let Ok(_admitted) = admission.0.try_acquire() else {
        log::warn!("more than {MAX_CONNECTIONS} HTTP connections: one is closed");
        return;
    };
    let last_request = Rc::new(Cell::new(Instant::now()));
    let began = Rc::clone(&last_request);
    let service = service_fn(move |request| {
        began.set(Instant::now());
        respond(request, SharedHub::clone(&hub))
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        outcome = connection => {
            if let Err(error) = outcome {
                log::info!("HTTP connection ended: {error}");
            }
        }
        () = lose_patience(&last_request) => log::info!("HTTP connection was idle or too slow"),
    }
}

/// Returns once [`PATIENCE`] has passed since the last request began.
async fn lose_patience(last_request: &Cell<Instant>) {
    loop {
        let until = last_request.get() + PATIENCE;
        tokio::time::sleep_until(until).await;
        if last_request.get() + PATIENCE <= until {
            return;
        }
    }
}

async fn respond(
    request: Request<Incoming>,
    hub: SharedHub,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let inquiry = Inquiry::new(&head);
    let body = Limited::new(body, MAX_BODY).collect().await;
    let mut hub = hub.borrow_mut();
    let answer = match body {
        Ok(body) => inquiry.answer(&body.to_bytes(), &mut hub),
        Err(error) => {
            let now = hub.now();
            Answer::fault(&body_fault(&*error), &inquiry.host, &inquiry.path, now)
        }
    };
    hub.wake_ready();
    log::info!(
        "{} {} answered with {}",
        head.method,
        head.uri.path(),
        answer.status
    );
    Ok(into_response(answer))
}

fn body_fault(error: &(dyn Error + Send + Sync + 'static)) -> Fault {
    if error.is::<LengthLimitError>() {
        Fault::too_large()
    } else {
        Fault::bad_request()
    }
}

fn into_response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(media_type) = answer.media_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    if let Some(etag) = answer.etag.and_then(|etag| etag.parse().ok()) {
        headers.insert(ETAG, etag);
    }
    response
}
