//! Recorded exchanges, as they lie in files.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of exchanges that followed each other.
pub(super) struct Recording {
    /// Folder and file name.
    pub(super) name: String,
    pub(super) exchanges: Vec<Exchange>,
}

pub(super) struct Exchange {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) if_match: bool,
    pub(super) body: String,
    pub(super) status: u16,
    pub(super) media_type: String,
    pub(super) tagged: bool,
    pub(super) answer: String,
}

impl Exchange {
    fn read(value: &Value) -> Self {
        let (request, response) = (&value["request"], &value["response"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            method: text(&request["method"]),
            target: text(&request["path_and_query"]),
            if_match: !request["headers"]["if-match"].is_null(),
            body: text(&request["body"]),
            status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
            media_type: text(&response["headers"]["content-type"]),
            tagged: !response["headers"]["etag"].is_null(),
            answer: text(&response["body"]),
        }
    }

    /// The path, with the slashes of names as they are.
    pub(super) fn path(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        path.replace("%2F", "/")
    }

    /// How many entries of a list were left out.
    pub(super) fn skip(&self) -> usize {
        let query = self.target.split(['?', '&']);
        let mut skip = query.filter_map(|part| part.strip_prefix("$skip="));
        skip.next()
            .and_then(|count| count.parse().ok())
            .unwrap_or(0)
    }
}

/// Every recording of the entities' management; that of namespaces is another API.
pub(super) fn read_all(folder: &Path) -> Vec<Recording> {
    let mut files: Vec<PathBuf> = [
        "namespace",
        "negative",
        "queues",
        "rules",
        "subscriptions",
        "topics",
    ]
    .iter()
    .flat_map(|kind| std::fs::read_dir(folder.join(kind)).unwrap())
    .map(|entry| entry.unwrap().path())
    .filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    })
    .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let value: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy();
            let exchanges = value["exchanges"].as_array().unwrap();
            Recording {
                name: name.into_owned(),
                exchanges: exchanges.iter().map(Exchange::read).collect(),
            }
        })
        .collect()
}
