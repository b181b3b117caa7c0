//! Tells each adapter the version of its crate, as it was resolved.

use std::{env, fs, path::Path};

fn main() {
    let lock = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("Cargo.lock");
    let text = fs::read_to_string(&lock).unwrap();
    for name in ["async-channel", "flume", "futures", "tokio"] {
        let (_, rest) = text.split_once(&format!("name = \"{name}\"\nversion = \"")).unwrap();
        let variable = name.to_uppercase().replace('-', "_");
        println!("cargo:rustc-env={variable}={}", rest.split_once('"').unwrap().0);
    }
    println!("cargo:rerun-if-changed={}", lock.display());
}
