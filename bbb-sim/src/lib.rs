//! A simulated BigBlueButton server: the other side of the protocol, written apart from
//! `scalelite-core` so that its checksum and XML code check ours.
//!
//! In a test, one server:
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use bbb_sim::{Fault, Sim, SimOptions};
//!
//! let sim = Sim::start(SimOptions::default()).await?;
//! // … let the code under test talk to sim.url() with sim.secret() …
//! sim.set_fault_for("create", Fault::Down);
//! assert_eq!(sim.count("create"), 0);
//! sim.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! or hundreds of them in one process: [`Fleet`]. Scripts in other languages command the `bbb-sim`
//! binary over HTTP, at `/sim/…`; the commands are listed in
//! `control.rs`.
//!
//! How it is built: every server has its own listening socket (`door`), so that each can really refuse
//! connections; all servers of a fleet share a few worker threads (`engine`) that run actix's HTTP/1
//! service on the accepted connections (`wire`). A request goes `http` (faults, log) → `calls` (checksum,
//! dispatch) → `meeting`s behind one short lock → `answers`.

mod answers;
mod calls;
mod checksum;
mod client_page;
mod control;
mod door;
mod engine;
mod fault;
mod fleet;
mod http;
mod journal;
mod meeting;
mod meetings;
mod options;
mod params;
mod server;
mod sim;
mod wire;

pub use checksum::{Algorithm, sign};
pub use fault::Fault;
pub use fleet::Fleet;
pub use journal::RecordedRequest;
pub use meeting::{Breakout, MeetingInfo, NewMeeting};
pub use options::SimOptions;
pub use sim::Sim;
