//! `getRecordings` of the front end.

use std::time::{Duration, Instant};

use anyhow::Context;

use super::direct::Question;
use super::shape::Shape;
use crate::fixture::{Fixture, SECRET, signed};
use crate::plan::{Subject, measure};
use crate::process::Process;
use crate::wrk::{self, Measured};

/// So many different requests before the first comes again.
const REQUESTS: u64 = 50_000;

/// A front end on a database.
pub(crate) struct FrontEnd {
    fixture: Fixture,
    pub(crate) process: Process,
    url: String,
}

/// An answer with all recordings, taken as fast as it comes.
pub(crate) struct Streamed {
    pub(crate) bytes: u64,
    pub(crate) time: Duration,
    /// Until the first of it came.
    pub(crate) first: Duration,
}

impl FrontEnd {
    pub(crate) async fn start(database_url: String) -> anyhow::Result<Self> {
        let mut fixture = Fixture::start().await?;
        fixture.set("DATABASE_URL", database_url);
        let mut process = fixture.ours("scalelite-api", &[])?;
        let url = process.address()?;
        Ok(Self { fixture, process, url })
    }

    /// Asks the question of other recordings each time; gives the processor time for each request, too.
    pub(crate) async fn load(
        &self,
        question: Question,
        shape: Shape,
        connections: usize,
        seconds: u64,
    ) -> anyhow::Result<(Measured, Duration)> {
        let path =
            |n: u64| signed("getRecordings", &question.query(shape, n * 7919 % shape.recordings), SECRET);
        let answer =
            reqwest::get(format!("{}{}", self.url, path(1))).await?.error_for_status()?.text().await?;
        anyhow::ensure!(answer.contains("<recordID>"), "{question:?} finds nothing: {answer}");
        let script = wrk::script(self.fixture.dir.path(), "recordings", (0..REQUESTS).map(path))?;
        let subject = Subject { process: &self.process, url: self.url.clone() };
        measure(&subject, connections, seconds, Some(&script))
    }

    pub(crate) async fn stream(&self, shape: Shape) -> anyhow::Result<Streamed> {
        let url = format!("{}{}", self.url, signed("getRecordings", "", SECRET));
        let started = Instant::now();
        let mut answer = reqwest::get(url).await?.error_for_status()?;
        let mut streamed = Streamed { bytes: 0, time: Duration::ZERO, first: Duration::ZERO };
        let (mut recordings, mut end) = (0, Vec::new());
        while let Some(part) = answer.chunk().await.context("the answer broke off")? {
            if streamed.bytes == 0 {
                streamed.first = started.elapsed();
            }
            streamed.bytes += part.len() as u64;
            recordings += memchr::memmem::find_iter(&part, b"<recording>").count() as u64;
            end = part.to_vec();
        }
        streamed.time = started.elapsed();
        anyhow::ensure!(end.ends_with(b"</response>\n"), "the answer is not whole");
        // One may be cut in two where a part ends.
        anyhow::ensure!(recordings > shape.recordings * 99 / 100, "{recordings} recordings only");
        Ok(streamed)
    }
}
