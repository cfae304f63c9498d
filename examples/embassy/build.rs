//! Lets the linker find the memory of the board that stands for the target.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let of_cargo = |name| env::var(name).map_err(io::Error::other);
    let memory = PathBuf::from("memory").join(of_cargo("TARGET")?).with_extension("x");
    let out = PathBuf::from(of_cargo("OUT_DIR")?);
    fs::copy(memory, out.join("memory.x"))?;
    // As a crate of a device does: handlers that a program may have, and what is called where it has none.
    let handlers = ["UARTRX0", "UARTTX0"].map(|name| format!("PROVIDE({name} = DefaultHandler);\n"));
    fs::write(out.join("device.x"), handlers.concat())?;
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rerun-if-changed=memory");
    Ok(())
}
