//! The importer's spool: what waits there, what failed and why.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use actix_web::HttpResponse;
use actix_web::web::{Payload, Query, block};
use askama::Template;
use scalelite_core::recordings::catalog::Lease;
use scalelite_core::recordings::spool::{self, Retried, Tar, Tars};
use serde::Deserialize;

use super::ask::{self, Ask, Noted, to_the_end};
use super::notice::Notice;
use super::page::{self, Frame, Section};
use super::pages::{Number, Part};
use super::refused::Refused;
use super::visit::Visit;
use super::{form, shown};
use crate::app::App;

/// Failed tars on a page; so many reasons are read.
const PER_PAGE: u64 = 50;
/// Waiting tars that are named.
const MOST_WAITING: usize = 100;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: Number,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct Page {
    frame: Frame,
    spool: String,
    digest: String,
    /// Why the spool cannot be read.
    unreadable: Option<String>,
    waiting: Vec<Waiting>,
    waiting_total: usize,
    waiting_bytes: String,
    failed: Vec<Failed>,
    query: &'static str,
    part: Part,
    more: bool,
}

struct Waiting {
    name: String,
    bytes: String,
    age: String,
    importing: bool,
}

struct Failed {
    name: String,
    bytes: String,
    age: String,
    reason: String,
}

/// What the spool holds.
#[derive(Debug, Default)]
pub(super) struct Spool {
    waiting: Tars,
    failed: Tars,
}

impl Spool {
    /// Looks; blocking.
    pub(super) fn look(dir: &std::path::Path) -> io::Result<Self> {
        Ok(Self { waiting: spool::waiting(dir)?, failed: spool::failed(dir)? })
    }

    /// Tells it from another one.
    pub(super) fn digest(&self) -> String {
        let mut hasher = DefaultHasher::new();
        for tar in self.waiting.tars.iter().chain(&self.failed.tars) {
            (&tar.name, tar.bytes).hash(&mut hasher);
        }
        (self.waiting.tars.len(), self.failed.tars.len()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// The spool's directory, if anything is imported from it.
pub(super) fn dir(app: &App) -> Option<PathBuf> {
    (app.catalog.is_some() && !app.config.recordings.disabled)
        .then(|| app.config.recordings.spool_dir.clone())
}

/// The page.
pub(super) async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let frame = Frame::new(&visit, Section::Imports);
    let (Some(dir), Some(catalog)) = (dir(&visit.app), &visit.app.catalog) else {
        return page::off(&visit, frame, "There are no recordings here, so nothing is imported.");
    };
    let leases = catalog.leases(&Lease::of_tar("")).await?;
    let held: HashSet<String> = leases.into_iter().map(|lease| lease.name).collect();
    let told = dir.display().to_string();
    let page = asked.page;
    let looked = block(move || {
        let looked = Spool::look(&dir)?;
        let part = Part::of(page, looked.failed.tars.len() as u64, PER_PAGE);
        let reasons: Vec<String> = of_part(&looked.failed.tars, part)
            .iter()
            .map(|tar| spool::reason(&dir, &tar.name).unwrap_or_default())
            .collect();
        Ok::<_, io::Error>((looked, part, reasons))
    });
    let looked = looked.await.map_err(|_| Refused::Broken)?;
    let mut page = Page {
        frame,
        spool: told,
        digest: String::new(),
        unreadable: None,
        waiting: Vec::new(),
        waiting_total: 0,
        waiting_bytes: String::new(),
        failed: Vec::new(),
        query: "",
        part: Part::of(Number(1), 0, PER_PAGE),
        more: false,
    };
    match looked {
        Err(error) => page.unreadable = Some(error.to_string()),
        Ok((looked, part, reasons)) => {
            let now = SystemTime::now();
            let tars = &looked.waiting.tars;
            page.digest = looked.digest();
            page.waiting_total = tars.len();
            page.waiting_bytes = shown::bytes(tars.iter().map(|tar| tar.bytes).fold(0, u64::saturating_add));
            page.waiting = tars.iter().take(MOST_WAITING).map(|tar| waiting(tar, now, &held)).collect();
            let failed = of_part(&looked.failed.tars, part).iter().zip(reasons);
            page.failed = failed.map(|(tar, reason)| failed_tar(tar, now, reason)).collect();
            page.part = part;
            page.more = looked.waiting.more || looked.failed.more;
        }
    }
    page::show(&visit, &page, &page.frame)
}

fn of_part(tars: &[Tar], part: Part) -> &[Tar] {
    let (first, end) = part.range();
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(tars.len());
    tars.get(place(first)..place(end)).unwrap_or_default()
}

fn age(tar: &Tar, now: SystemTime) -> String {
    shown::age(now.duration_since(tar.modified).unwrap_or_default().as_secs())
}

fn waiting(tar: &Tar, now: SystemTime, held: &HashSet<String>) -> Waiting {
    let importing = held.contains(&Lease::of_tar(&tar.name));
    Waiting { name: tar.name.clone(), bytes: shown::bytes(tar.bytes), age: age(tar, now), importing }
}

fn failed_tar(tar: &Tar, now: SystemTime, reason: String) -> Failed {
    Failed { name: tar.name.clone(), bytes: shown::bytes(tar.bytes), age: age(tar, now), reason }
}

/// Which tar is to be imported once more.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    name: String,
}

/// The page that asks.
pub(super) async fn ask(visit: Visit, wanted: Query<Wanted>) -> Result<HttpResponse, Refused> {
    let name = wanted.into_inner().name;
    let dir = dir(&visit.app).ok_or(Refused::NotFound)?;
    let asked = name.clone();
    let reason = block(move || spool::reason(&dir, &asked)).await.map_err(|_| Refused::Broken)?;
    let ask = Ask {
        title: "Import this tar once more?".to_owned(),
        sentences: vec![
            name.clone(),
            "It goes back to the spool, and the importer takes it from there.".to_owned(),
        ],
        details: reason,
        action: "/imports/retry",
        says: vec![("name", name)],
        button: "Import again",
        ..Ask::default()
    };
    ask::show(&visit, Section::Imports, ask)
}

/// Moves it back to the spool.
pub(super) async fn act(visit: Visit, payload: Payload) -> Result<HttpResponse, Refused> {
    let said = form::read_own(&visit, payload).await?;
    let name = said.get("name").unwrap_or_default().to_owned();
    let dir = dir(&visit.app).ok_or(Refused::NotFound)?;
    to_the_end(async move {
        let asked = name.clone();
        let retried = block(move || spool::retry(&dir, &asked)).await.map_err(|_| Refused::Broken)?;
        let result = match retried {
            Ok(Retried::Done) => Ok(Notice::good(format!("{name} is in the spool again."))),
            Ok(Retried::Unknown) => Err(Refused::Gone(format!("{name} is not among the tars that failed."))),
            Ok(Retried::NameTaken) => Err(Refused::Bad(format!(
                "The spool holds another {name}. When that one is imported, try again."
            ))),
            Err(error) => {
                tracing::warn!(tar = name, %error, "it cannot be moved back to the spool");
                Err(Refused::Bad(format!("{name} cannot be moved back to the spool: {error}")))
            }
        };
        ask::note(&visit, Noted { what: "imports:retry", target: &name, how: "" }, &result).await;
        Ok(ask::told(&visit, Section::Imports, &result?))
    })
    .await
}
