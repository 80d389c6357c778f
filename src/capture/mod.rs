//! What is written of a world while it runs: traces as JSON lines, and captures as pcapng files.
//! When hops are taken from the world is decided by who runs it; the format of traces is in `docs/journeys.md`.

mod folder;
mod json;
pub mod pcapng;
mod scenario;
mod trace;

pub use folder::{CaptureFolder, file_name};
pub use scenario::ScenarioWriter;
pub use trace::{Header, Input, TRACE_VERSION, TraceWriter};
