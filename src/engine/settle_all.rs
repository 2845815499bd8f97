//! Settling many messages in one call: every verdict leaves before the first answer is waited for.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::inbound::Answer;
use super::limit::before;
use super::receiver::Receiver;
use super::receiver_link::ReceiverLink;
use super::retry::Repeat;
use super::settle::via_management;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::delivery_state::{check_disposition, confirm_disposition, delivery_state};
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;
use crate::model::lock::Settling;

/// How many messages one request to the management node names.
const TOKENS_PER_REQUEST: usize = 500;

/// How many of those requests are under way at once.
const MAX_REQUESTS: usize = 128;

/// One message of the call.
struct Item {
    settling: Settling,
    result: Option<Result<()>>,
    /// A verdict that left by the link and is not answered.
    answer: Option<oneshot::Receiver<Answer>>,
    /// This attempt may have reached the service.
    sent: bool,
    /// An earlier attempt may have been carried out.
    unknown: bool,
}

impl Receiver {
    /// Settles the messages that could be claimed, and says of each whether the service did, in their order.
    pub(crate) async fn settle_all(
        &self,
        claims: Vec<Result<Settling>>,
        disposition: Disposition,
        deadline: Deadline,
    ) -> Vec<Result<()>> {
        let checked = check_disposition(&disposition);
        let disposition = Arc::new(disposition);
        let mut items = Vec::with_capacity(claims.len());
        // What is refused here never leaves.
        let mut refused = Vec::new();
        for (place, claim) in claims.into_iter().enumerate() {
            match claim.and_then(|settling| self.checked(settling, &checked)) {
                Ok(settling) => items.push(Item::new(settling)),
                Err(error) => refused.push((place, error)),
            }
        }
        self.settle_items(&mut items, &disposition, deadline).await;
        let mut results: Vec<_> = items.into_iter().map(Item::conclude).collect();
        let settled = results.iter().filter(|result| result.is_ok()).count();
        self.tally().settled(settled);
        for (place, error) in refused {
            results.insert(place, Err(error));
        }
        results
    }

    fn checked(&self, settling: Settling, disposition: &Result<()>) -> Result<Settling> {
        let own = self.check_own(settling.lock());
        match own.and_then(|()| disposition.clone()) {
            Ok(()) => Ok(settling),
            Err(error) => {
                settling.not_sent();
                Err(error)
            }
        }
    }

    async fn settle_items(
        &self,
        items: &mut [Item],
        disposition: &Arc<Disposition>,
        deadline: Deadline,
    ) {
        let mut attempts = self.retries().attempts(Repeat::Harmless, deadline);
        let mut open: Vec<&mut Item> = items.iter_mut().collect();
        while !open.is_empty() {
            let ready = match attempts.begin() {
                Ok(Some(pause)) => attempts.sleep(self.closing(), pause).await,
                begun => begun.map(drop),
            };
            if let Err(error) = ready {
                return open.into_iter().for_each(|item| item.end(&error));
            }
            self.attempt_all(&mut open, disposition, attempts.attempt_deadline())
                .await;
            open.retain(|item| item.may_be_repeated());
            let Some(Err(error)) = open.first().and_then(|item| item.result.clone()) else {
                return;
            };
            let Ok(pause) = attempts.pause_after(error) else {
                return;
            };
            open.iter_mut().for_each(|item| item.begin_anew());
            if let Err(error) = attempts.sleep(self.closing(), pause).await {
                return open.into_iter().for_each(|item| item.end(&error));
            }
        }
    }

    /// One attempt for all of them, after which each has a result.
    async fn attempt_all(
        &self,
        items: &mut [&mut Item],
        disposition: &Arc<Disposition>,
        deadline: Deadline,
    ) {
        let work = async {
            let link = self.attached(deadline).await?;
            self.settle_on_link(&link, items, disposition, deadline)
                .await?;
            settle_by_token(&link, items, disposition, deadline).await;
            Ok(())
        };
        let error = match self.closing().unless_closed(work).await {
            Ok(()) => Error::new(ErrorKind::Internal, "a task that settled messages panicked"),
            Err(error) => error,
        };
        for item in items.iter_mut().filter(|item| item.result.is_none()) {
            item.give_up(disposition, &error);
        }
    }

    /// Messages that the link does not know are left without a result.
    async fn settle_on_link(
        &self,
        link: &ReceiverLink,
        items: &mut [&mut Item],
        disposition: &Disposition,
        deadline: Deadline,
    ) -> Result<()> {
        let state = delivery_state(disposition)?;
        let tokens: Vec<Uuid> = items.iter().map(|item| item.token()).collect();
        for (item, answer) in items.iter_mut().zip(link.settle_all(&tokens, &state)) {
            item.sent = answer.is_some();
            item.answer = answer;
        }
        let answered = async {
            for item in items.iter_mut() {
                let Some(answer) = &mut item.answer else {
                    continue;
                };
                let answer = answer.await.unwrap_or(Answer::Ended);
                item.answer = None;
                item.result = self.judge(link, disposition, answer);
                item.sent = item.result.is_some();
            }
            Ok(())
        };
        if let Err(elapsed) = before(deadline, "the service did not answer in time", answered).await
        {
            for item in items.iter_mut().filter(|item| item.answer.is_some()) {
                link.forget(item.token());
                item.give_up(disposition, &elapsed);
            }
        }
        Ok(())
    }
}

/// Settles those that have no result through the management node.
async fn settle_by_token(
    link: &Arc<ReceiverLink>,
    items: &mut [&mut Item],
    disposition: &Arc<Disposition>,
    deadline: Deadline,
) {
    let open: Vec<(usize, Uuid)> = items
        .iter_mut()
        .enumerate()
        .filter(|(_, item)| item.result.is_none())
        .map(|(place, item)| {
            item.sent = true;
            (place, item.token())
        })
        .collect();
    let mut waiting: VecDeque<Vec<(usize, Uuid)>> =
        open.chunks(TOKENS_PER_REQUEST).map(<[_]>::to_vec).collect();
    let mut requests = JoinSet::new();
    loop {
        while requests.len() < MAX_REQUESTS {
            let Some(named) = waiting.pop_front() else {
                break;
            };
            let (link, disposition) = (link.clone(), disposition.clone());
            requests.spawn(async move {
                let tokens: Vec<Uuid> = named.iter().map(|(_, token)| *token).collect();
                let result = via_management(&link, &tokens, &disposition, None, deadline).await;
                (named, result)
            });
        }
        let Some(done) = requests.join_next().await else {
            return;
        };
        let Ok((named, result)) = done else {
            continue;
        };
        let one_is_lost = named.len() > 1 && result.as_ref().is_err_and(is_about_one);
        for (place, token) in named {
            let Some(item) = items.get_mut(place) else {
                continue;
            };
            if one_is_lost {
                // Nothing says that a request which is refused for one message settles none of the others.
                item.unknown = true;
                waiting.push_back(vec![(place, token)]);
            } else {
                item.result = Some(result.clone());
            }
        }
    }
}

/// Whether a single message may be the reason for which a request was refused.
fn is_about_one(error: &Error) -> bool {
    !error.is_outcome_unknown()
        && matches!(
            error.kind(),
            ErrorKind::MessageLockLost | ErrorKind::MessageNotFound
        )
}

impl Item {
    fn new(settling: Settling) -> Self {
        Item {
            settling,
            result: None,
            answer: None,
            sent: false,
            unknown: false,
        }
    }

    fn token(&self) -> Uuid {
        self.settling.lock().token()
    }

    fn may_be_repeated(&self) -> bool {
        let error = self
            .result
            .as_ref()
            .and_then(|result| result.as_ref().err());
        error.is_some_and(Error::is_retryable)
    }

    fn begin_anew(&mut self) {
        if let Some(Err(error)) = self.result.take() {
            self.unknown |= error.is_outcome_unknown();
        }
        self.sent = false;
    }

    /// There is no next attempt, for this reason. What the earlier ones of other messages did does not count here.
    fn end(&mut self, error: &Error) {
        self.result = Some(Err(error.clone().with_outcome_known()));
    }

    /// Nobody waits any more; an answer that has come all the same counts.
    fn give_up(&mut self, disposition: &Disposition, error: &Error) {
        let late = self
            .answer
            .take()
            .and_then(|mut answer| answer.try_recv().ok());
        self.result = Some(match late {
            Some(Answer::Decided(state)) => confirm_disposition(disposition, state.as_ref()),
            Some(Answer::Ended) | None if self.sent => Err(error.clone().with_outcome_unknown()),
            Some(Answer::Ended) | None => Err(error.clone()),
        });
    }

    /// What the caller is to be told.
    fn conclude(self) -> Result<()> {
        let result = self.result.unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::Internal,
                "the message was not attempted",
            ))
        });
        match result {
            Ok(()) => {
                self.settling.applied();
                Ok(())
            }
            Err(error) if self.unknown => Err(error.with_outcome_unknown()),
            // Dropped without a verdict, it counts as unknown.
            Err(error) if error.is_outcome_unknown() => Err(error),
            Err(error) => Err(self.settling.refused(error)),
        }
    }
}
