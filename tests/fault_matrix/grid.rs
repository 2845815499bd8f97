//! Runs every cell of the table, several at a time, and reports all that failed.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::cell::{self, Report};
use crate::fault_row::FaultRow;
use crate::heartbeat::Heartbeat;

const AT_A_TIME: usize = 16;
/// No cell takes so long unless a call in it hangs.
const HANG: Duration = Duration::from_secs(60);
/// Names the cells to run by words that are in `<fault> / <call>`, such as `cut-stream /` or `/ send`.
const ONLY: &str = "FAULT_MATRIX";

struct Grid {
    faults: Vec<FaultRow>,
    calls: Vec<Call>,
    /// Which of the faults meets which of the calls.
    cells: Vec<(usize, usize)>,
    next: AtomicUsize,
    heartbeat: Heartbeat,
}

type Reports = BTreeMap<(usize, usize), Result<Report, String>>;

/// What a worker tells of a cell.
enum News {
    Begun,
    Over(Result<Report, String>),
}

pub(crate) fn check(faults: Vec<FaultRow>, calls: Vec<Call>) {
    let only = std::env::var(ONLY).unwrap_or_default();
    let (rows, columns) = (faults.len(), calls.len());
    let pairs = (0..rows).flat_map(|fault| (0..columns).map(move |call| (fault, call)));
    let mut grid = Grid {
        faults,
        calls,
        cells: Vec::new(),
        next: AtomicUsize::new(0),
        heartbeat: Heartbeat::default(),
    };
    grid.cells = pairs
        .filter(|cell| grid.name(*cell).contains(&only))
        .collect();
    // Spread, so that the costly ones, those over TLS, do not come together.
    grid.cells
        .sort_by_key(|(fault, call)| (fault * 37 + call * 11) % 101);
    let grid = Arc::new(grid);
    let reports = grid.clone().run();
    grid.heartbeat.stop();
    print_overruns(&reports);
    let failures: Vec<&str> = reports
        .values()
        .filter_map(|report| report.as_ref().err().map(String::as_str))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cells failed; {ONLY}=\"<fault> / <call>\" runs one alone\n{}",
        failures.len(),
        grid.cells.len(),
        failures.join("\n"),
    );
    for (fault, row) in grid.faults.iter().enumerate().filter(|(_, row)| row.acts) {
        let mut own = (0..grid.calls.len()).filter_map(|call| reports.get(&(fault, call)));
        let struck = own.any(|report| report.as_ref().is_ok_and(|report| report.struck));
        assert!(
            struck || !only.is_empty(),
            "\"{}\" has never acted",
            row.name
        );
    }
}

/// How much later than their deadlines calls returned that were not answered in time.
#[expect(
    clippy::print_stdout,
    reason = "a figure of the machine, beside the verdict"
)]
fn print_overruns(reports: &Reports) {
    let reports = reports.values().filter_map(|report| report.as_ref().ok());
    let mut overruns: Vec<Duration> = reports
        .map(|report| report.overrun)
        .filter(|overrun| !overrun.is_zero())
        .collect();
    overruns.sort_unstable();
    if let [.., largest] = overruns[..] {
        let at = |percent| overruns[(overruns.len() - 1) * percent / 100];
        println!(
            "{} calls overran: median {:.1?}, p99 {:.1?}, largest {largest:.1?}",
            overruns.len(),
            at(50),
            at(99)
        );
    }
}

impl Grid {
    fn name(&self, (fault, call): (usize, usize)) -> String {
        format!("{} / {}", self.faults[fault].name, self.calls[call].name)
    }

    fn run(self: Arc<Self>) -> Reports {
        let beating = self.clone();
        thread::spawn(move || beating.heartbeat.beat());
        let (news, arriving) = channel();
        for _ in 0..AT_A_TIME {
            // Not to be waited for: a call may hang.
            let (grid, news) = (self.clone(), news.clone());
            thread::spawn(move || grid.work(&news));
        }
        drop(news);
        let mut under_way = BTreeMap::new();
        let mut reports = BTreeMap::new();
        while reports.len() < self.cells.len() {
            if let Ok((cell, what)) = arriving.recv_timeout(HANG / 10) {
                match what {
                    News::Begun => drop(under_way.insert(cell, Instant::now())),
                    News::Over(report) => {
                        under_way.remove(&cell);
                        reports.insert(cell, report);
                    }
                }
            }
            for (cell, since) in &under_way {
                assert!(since.elapsed() < HANG, "\"{}\" hangs", self.name(*cell));
            }
        }
        reports
    }

    fn work(&self, news: &Sender<((usize, usize), News)>) {
        while let Some(cell) = self.cells.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let (fault, call) = (&self.faults[cell.0], &self.calls[cell.1]);
            // Nobody listens any more where another cell hung.
            news.send((*cell, News::Begun)).ok();
            let report = catch_unwind(|| cell::run(call, fault, &self.heartbeat));
            let report =
                report.unwrap_or_else(|_printed| Err(format!("{} panicked", self.name(*cell))));
            news.send((*cell, News::Over(report))).ok();
        }
    }
}
