//! What all pages have in common: head, navigation, and what was just done.

use actix_web::HttpResponse;
use actix_web::http::header::SET_COOKIE;
use askama::Template;

use super::notice::{self, Notice};
use super::refused::Refused;
use super::visit::Visit;
use super::{PATH, assets, cookie};

/// The pages of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Pool,
    Meetings,
    Recordings,
    Imports,
    Tenants,
    Audit,
}

impl Section {
    const ALL: [Self; 6] =
        [Self::Pool, Self::Meetings, Self::Recordings, Self::Imports, Self::Tenants, Self::Audit];

    /// As the navigation names it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Pool => "Servers",
            Self::Meetings => "Meetings",
            Self::Recordings => "Recordings",
            Self::Imports => "Imports",
            Self::Tenants => "Tenants",
            Self::Audit => "Audit log",
        }
    }

    /// Where it is.
    pub(super) fn path(self) -> String {
        let below = match self {
            Self::Pool => "/",
            Self::Meetings => "/meetings",
            Self::Recordings => "/recordings",
            Self::Imports => "/imports",
            Self::Tenants => "/tenants",
            Self::Audit => "/audit",
        };
        format!("{PATH}{below}")
    }
}

/// The frame of a page.
pub(super) struct Frame {
    pub(super) path: &'static str,
    pub(super) section: Section,
    pub(super) sections: Vec<Section>,
    pub(super) csrf: String,
    pub(super) notice: Option<Notice>,
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    pub(super) icon: &'static str,
}

impl Frame {
    /// The frame of a page of that section.
    pub(super) fn new(visit: &Visit, section: Section) -> Self {
        let tenants = visit.app.config.meetings.multitenancy;
        Self {
            path: PATH,
            section,
            sections: Section::ALL.into_iter().filter(|one| *one != Section::Tenants || tenants).collect(),
            csrf: visit.csrf.clone(),
            notice: notice::of(&visit.request),
            style: assets::STYLE.path(),
            script: assets::SCRIPT.path(),
            icon: assets::ICON.path(),
        }
    }
}

/// The answer that shows a page. What it tells of a change is told once.
pub(super) fn show(visit: &Visit, page: &impl Template, frame: &Frame) -> Result<HttpResponse, Refused> {
    let mut answer = HttpResponse::Ok();
    if frame.notice.is_some() {
        answer.append_header((SET_COOKIE, cookie::set(&visit.request, cookie::NOTICE, "", 0)));
    }
    Ok(answer.content_type("text/html; charset=utf-8").body(page.render()?))
}

#[derive(Template)]
#[template(path = "off.html")]
struct Off {
    frame: Frame,
    why: &'static str,
}

/// The page of a section that has nothing to show here.
pub(super) fn off(visit: &Visit, frame: Frame, why: &'static str) -> Result<HttpResponse, Refused> {
    let page = Off { frame, why };
    show(visit, &page, &page.frame)
}
