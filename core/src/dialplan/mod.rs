//! Dial-in: what FreeSWITCH is told to do with a call (CONTRACT §5). Pure: a [`Request`] of its `mod_xml_curl`
//! comes in, [`Dialplan::to_xml`] goes out.
//!
//! Whoever calls chooses what stands in a request, so nothing of it reaches FreeSWITCH but through `escape`.

mod answer;
mod caller_id;
mod escape;
mod request;
#[cfg(test)]
mod tests;

pub use answer::{Dialplan, Prompts};
pub use request::Request;
