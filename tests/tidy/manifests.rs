//! Which crate may depend on which, by their manifests.

use crate::tree::{Finding, SourceFile};

/// A manifest, what it may depend on among the crates watched here, and what its tests may.
struct Rule {
    manifest: &'static str,
    normal: &'static [&'static str],
    dev: &'static [&'static str],
    optional: &'static [&'static str],
}

const WATCHED: [&str; 9] = [
    "servicebus",
    "servicebus-amqp",
    "servicebus-emulator",
    "servicebus-ffi",
    "fe2o3-amqp",
    "fe2o3-amqp-types",
    "serde_amqp",
    "tokio",
    "tokio-rustls",
];

const RULES: [Rule; 4] = [
    Rule {
        manifest: "Cargo.toml",
        normal: &[
            "servicebus-amqp",
            "fe2o3-amqp",
            "serde_amqp",
            "tokio",
            "tokio-rustls",
        ],
        dev: &["servicebus-emulator", "tokio"],
        optional: &[],
    },
    Rule {
        manifest: "amqp/Cargo.toml",
        normal: &["fe2o3-amqp", "fe2o3-amqp-types", "serde_amqp", "tokio"],
        dev: &["tokio"],
        optional: &[],
    },
    Rule {
        manifest: "emulator/Cargo.toml",
        normal: &[
            "servicebus-amqp",
            "fe2o3-amqp",
            "serde_amqp",
            "tokio",
            "tokio-rustls",
        ],
        dev: &["tokio"],
        optional: &[],
    },
    Rule {
        manifest: "ffi/Cargo.toml",
        normal: &["servicebus"],
        dev: &["servicebus-emulator"],
        optional: &["servicebus-emulator"],
    },
];

pub(crate) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &RULES {
        let Some(file) = files.iter().find(|file| file.path == rule.manifest) else {
            let missing = SourceFile::new(rule.manifest, "");
            findings.push(missing.finding(0, "this manifest is missing"));
            continue;
        };
        findings.extend(wrong_dependencies(rule, file));
    }
    findings
}

fn wrong_dependencies(rule: &Rule, file: &SourceFile) -> Vec<Finding> {
    let mut section = "";
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let name = line.split(['.', '=', ' ']).next().unwrap_or("");
        if !WATCHED.contains(&name) || section.starts_with("workspace") {
            continue;
        }
        let allowed = match section {
            "dependencies" if line.contains("optional = true") => {
                rule.normal.contains(&name) || rule.optional.contains(&name)
            }
            "dependencies" => rule.normal.contains(&name),
            "dev-dependencies" => rule.normal.contains(&name) || rule.dev.contains(&name),
            _ => continue,
        };
        if !allowed {
            let text = format!("{name} may not stand under [{section}] here");
            findings.push(file.finding(number + 1, text));
        }
    }
    findings
}

#[test]
fn a_wrong_dependency_is_found() {
    let text = "[dependencies]\nservicebus.workspace = true\n[dev-dependencies]\ntokio = \"1\"\n";
    let file = SourceFile::new("emulator/Cargo.toml", text);
    let rule = &RULES[2];
    let found: Vec<String> = wrong_dependencies(rule, &file)
        .iter()
        .map(Finding::to_string)
        .collect();
    assert_eq!(
        found,
        ["emulator/Cargo.toml:2: servicebus may not stand under [dependencies] here"]
    );
}
