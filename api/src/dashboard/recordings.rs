//! The recordings: found, published, unpublished, deleted.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Payload, Query};
use askama::Template;
use scalelite_core::bbb::params::Params;
use scalelite_core::recordings::catalog::{Catalog, Head, Listed};
use scalelite_core::recordings::model::{Filter, Recording, States};
use scalelite_core::recordings::operations::Operations;
use serde::Deserialize;

use super::ask::{self, Ask, Noted, to_the_end};
use super::notice::Notice;
use super::page::{self, Frame, Section};
use super::pages::{Number, Part};
use super::refused::Refused;
use super::visit::Visit;
use super::{form, shown};

const PER_PAGE: u32 = 50;
/// The state of recordings that are gone.
const DELETED: &str = "deleted";

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: State,
    /// The ID of a tenant.
    #[serde(default)]
    tenant: String,
    #[serde(default)]
    page: Number,
}

/// Which states are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    #[default]
    Kept,
    Published,
    Unpublished,
    Deleted,
    Any,
}

impl State {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Kept, "kept", "published or not"),
        (Self::Published, "published", "published"),
        (Self::Unpublished, "unpublished", "unpublished"),
        (Self::Deleted, "deleted", "deleted"),
        (Self::Any, "any", "all"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, ..)| *state == self).map_or("kept", |(_, name, _)| name)
    }

    fn states(self) -> States {
        match self {
            Self::Kept => States::default(),
            Self::Any => States::Any,
            one => States::of(vec![one.name().to_owned()]),
        }
    }
}

impl Asked {
    fn filter(&self) -> Filter {
        let tenant_id = Some(self.tenant.clone()).filter(|id| !id.is_empty());
        Filter { states: self.state.states(), tenant_id, ..Filter::default() }
    }

    /// What the text may mean, in this order; the first that finds anything holds.
    fn filters(&self) -> Vec<Filter> {
        let (all, text) = (self.filter(), self.q.trim().to_owned());
        if text.is_empty() {
            return vec![all];
        }
        let mut filters = vec![
            Filter { record_ids: vec![text.clone()], ..all.clone() },
            Filter { meeting_ids: vec![text.clone()], ..all.clone() },
        ];
        if let Some((key, value)) = text.split_once('=') {
            filters.push(Filter { metadata: vec![(key.to_lowercase(), value.to_owned())], ..all });
        }
        filters
    }

    fn query(&self) -> String {
        Params::from([("q", self.q.as_str()), ("state", self.state.name()), ("tenant", &self.tenant)])
            .encode()
    }
}

#[derive(Template)]
#[template(path = "recordings.html")]
struct Page<'a> {
    frame: Frame,
    asked: &'a Asked,
    query: String,
    part: Part,
    plays: bool,
    rows: Vec<Row>,
}

struct Row {
    recording: Recording,
}

impl Row {
    fn name(&self) -> &str {
        self.recording.name.as_deref().unwrap_or(&self.recording.meeting_id)
    }

    fn state(&self) -> &str {
        self.recording.state.as_deref().unwrap_or(if self.recording.published {
            "published"
        } else {
            "unpublished"
        })
    }

    fn is_deleted(&self) -> bool {
        self.state() == DELETED
    }

    fn length(&self) -> String {
        let (Some(start), Some(end)) = (self.recording.start, self.recording.end) else {
            return String::new();
        };
        u64::try_from(end.millis().saturating_sub(start.millis()) / 1000)
            .map_or_else(|_| String::new(), shown::age)
    }
}

fn catalog(visit: &Visit) -> Option<&Arc<dyn Catalog>> {
    visit.app.catalog.as_ref().filter(|_| !visit.app.config.recordings.disabled)
}

/// The page.
pub(super) async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let frame = Frame::new(&visit, Section::Recordings);
    let Some(catalog) = catalog(&visit) else {
        return page::off(&visit, frame, "There are no recordings here.");
    };
    let mut found = Listed { recordings: Vec::new(), total: 0 };
    let mut part = Part::of(asked.page, 0, u64::from(PER_PAGE));
    for filter in asked.filters() {
        let offset = asked.page.offset(u64::from(PER_PAGE));
        found = catalog.page(&filter, offset, PER_PAGE).await?;
        part = Part::of(asked.page, found.total, u64::from(PER_PAGE));
        // There are fewer pages now: the last one.
        let (first, _) = part.range();
        if first < offset && found.total > 0 {
            found = catalog.page(&filter, first, PER_PAGE).await?;
        }
        if found.total > 0 {
            break;
        }
    }
    let page = Page {
        query: asked.query(),
        part,
        // Through the host of the dashboard no tenant's recording is played.
        plays: !visit.app.config.meetings.multitenancy,
        rows: found.recordings.into_iter().map(|recording| Row { recording }).collect(),
        asked: &asked,
        frame,
    };
    page::show(&visit, &page, &page.frame)
}

/// What can be done to a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Publish,
    Unpublish,
    Delete,
}

impl Action {
    const ALL: [Self; 3] = [Self::Publish, Self::Unpublish, Self::Delete];

    fn name(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Unpublish => "unpublish",
            Self::Delete => "delete",
        }
    }

    fn task(self) -> &'static str {
        match self {
            Self::Publish => "recordings:publish",
            Self::Unpublish => "recordings:unpublish",
            Self::Delete => "recordings:delete",
        }
    }

    fn ask(self, record_id: &str) -> Ask {
        let (title, happens, button) = match self {
            Self::Publish => ("Publish", "It can be seen and played by whoever has its link.", "Publish"),
            Self::Unpublish => ("Unpublish", "It is kept, but can no longer be played.", "Unpublish"),
            Self::Delete => ("Delete", "Its files are removed. This cannot be undone.", "Delete"),
        };
        Ask {
            title: format!("{title} this recording?"),
            sentences: vec![record_id.to_owned(), happens.to_owned()],
            action: "/recordings/act",
            says: vec![("do", self.name().to_owned()), ("id", record_id.to_owned())],
            button,
            danger: self == Self::Delete,
            ..Ask::default()
        }
    }
}

/// What is to be done to which recording.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    r#do: Action,
    #[serde(default)]
    id: String,
}

/// Those that are there and not deleted.
async fn find(visit: &Visit, record_id: &str) -> Result<(Operations, Vec<Head>), Refused> {
    let gone = || Refused::Gone(format!("There is no recording {record_id} any more."));
    let catalog = catalog(visit).ok_or_else(gone)?;
    let mut heads = catalog.heads(&[record_id.to_owned()], None).await?;
    heads.retain(|head| head.state.as_deref() != Some(DELETED));
    if heads.is_empty() {
        return Err(gone());
    }
    Ok((Operations::new(Arc::clone(catalog), visit.app.store.clone()), heads))
}

/// The page that asks.
pub(super) async fn ask(visit: Visit, wanted: Query<Wanted>) -> Result<HttpResponse, Refused> {
    find(&visit, &wanted.id).await?;
    ask::show(&visit, Section::Recordings, wanted.r#do.ask(&wanted.id))
}

/// Does it.
pub(super) async fn act(visit: Visit, payload: Payload) -> Result<HttpResponse, Refused> {
    let said = form::read_own(&visit, payload).await?;
    let (wanted, id) = (said.get("do").unwrap_or_default(), said.get("id").unwrap_or_default().to_owned());
    let action = Action::ALL.into_iter().find(|action| action.name() == wanted);
    let action = action.ok_or_else(|| Refused::Bad("There is no such action.".to_owned()))?;
    to_the_end(async move {
        let result = change(&visit, &id, action).await;
        ask::note(&visit, Noted { what: action.task(), target: &id, how: "" }, &result).await;
        Ok(ask::told(&visit, Section::Recordings, &result?))
    })
    .await
}

async fn change(visit: &Visit, record_id: &str, action: Action) -> Result<Notice, Refused> {
    let (operations, heads) = find(visit, record_id).await?;
    let (done, told) = match action {
        Action::Publish => (operations.set_published(record_id, true).await?, "published"),
        Action::Unpublish => (operations.set_published(record_id, false).await?, "unpublished"),
        Action::Delete => {
            operations.delete(&heads).await?;
            (true, "deleted")
        }
    };
    if !done {
        return Err(Refused::Gone(format!("There is no recording {record_id} any more.")));
    }
    Ok(Notice::good(format!("{record_id} is {told}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_may_mean() {
        let filters = |q: &str| Asked { q: q.to_owned(), ..Asked::default() }.filters();
        assert_eq!(filters(" "), [Filter::default()]);
        let found = filters(" abc ");
        assert_eq!((found.len(), &found[0].record_ids[..]), (2, &["abc".to_owned()][..]));
        assert_eq!(found[1].meeting_ids, ["abc"]);
        assert_eq!(filters("Course=1=2")[2].metadata, [("course".to_owned(), "1=2".to_owned())]);
    }

    #[test]
    fn states() {
        let of = |state| Asked { state, tenant: "t".to_owned(), ..Asked::default() }.filter();
        assert_eq!(of(State::Any).states, States::Any);
        assert_eq!(of(State::Deleted).states, States::of(vec!["deleted".to_owned()]));
        assert_eq!(of(State::Kept).tenant_id.as_deref(), Some("t"));
    }
}
