//! The libraries as a C program links them. `cargo test` itself leaves none in the target directory.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub(crate) struct Library(PathBuf);

impl Library {
    pub(crate) fn shared(&self) -> PathBuf {
        self.0.join("libservicebus_c.so")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.0.join("libservicebus_c.a")
    }
}

/// Builds the libraries, once for each test program.
pub(crate) fn built() -> &'static Library {
    static BUILT: OnceLock<Library> = OnceLock::new();
    BUILT.get_or_init(build)
}

fn build() -> Library {
    // A directory of its own: the workspace's may hold a library with other features.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c-library");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let output = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--offline", "--lib", "-p", "servicebus-ffi"])
        .arg("--target-dir")
        .arg(&target)
        .env_remove("CARGO_BUILD_TARGET")
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "the library does not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Library(target.join("debug"))
}
