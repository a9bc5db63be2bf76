//! A front end that signs its calls.

use std::time::Duration;

use bbb_sim::{Algorithm, Sim, sign};
use reqwest::{Client, Response, redirect};

/// Far more than any call takes; a test that waits as long has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) fn client() -> Client {
    Client::builder().redirect(redirect::Policy::none()).timeout(DEADLINE).no_proxy().build().unwrap()
}

/// The signed URL of a call; `query` is raw.
pub(crate) fn url(sim: &Sim, call: &str, query: &str) -> String {
    let checksum = sign(Algorithm::Sha256, call, query, sim.secret());
    let and = if query.is_empty() { "" } else { "&" };
    format!("{}/{call}?{query}{and}checksum={checksum}", sim.url())
}

pub(crate) async fn get(sim: &Sim, call: &str, query: &str) -> Response {
    client().get(url(sim, call, query)).send().await.unwrap()
}

/// The text of a call's answer.
pub(crate) async fn ask(sim: &Sim, call: &str, query: &str) -> String {
    get(sim, call, query).await.text().await.unwrap()
}

/// The text of the first element of that name.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let start = xml.find(&begin).unwrap_or_else(|| panic!("no {name} in {xml}")) + begin.len();
    &xml[start..start + xml[start..].find(&end).unwrap()]
}
