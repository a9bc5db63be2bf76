//! What is not answered as asked, and the page that says so.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::operations::OperationError;
use scalelite_core::state::StateError;

use super::{PATH, assets};
use crate::error::ApiError;

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// There is no such page.
    #[error("There is no such page.")]
    NotFound,
    /// Nobody is logged in.
    #[error("Please log in.")]
    NotLoggedIn,
    /// The form was not made for this session.
    #[error(
        "This form is not one of your session, perhaps because you have logged in anew. Nothing was changed."
    )]
    Forged,
    /// What the form is about is not there.
    #[error("{0}")]
    Gone(String),
    /// What the form says cannot be done.
    #[error("{0}")]
    Bad(String),
    /// Too many wrong passwords.
    #[error("Too many attempts to log in. Try again in {} minutes.", .0.as_secs().div_ceil(60))]
    TooManyAttempts(Duration),
    /// Too many pages follow live updates.
    #[error("Too many pages follow live updates.")]
    TooManyPages,
    /// Something is away.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A page cannot be made.
    #[error("This page cannot be shown.")]
    Page(#[from] askama::Error),
    /// It cannot be told what became of it.
    #[error("It failed unexpectedly; the log tells more.")]
    Broken,
}

impl From<StateError> for Refused {
    fn from(error: StateError) -> Self {
        Self::Api(error.into())
    }
}

impl From<CatalogError> for Refused {
    fn from(error: CatalogError) -> Self {
        Self::Api(error.into())
    }
}

impl From<OperationError> for Refused {
    fn from(error: OperationError) -> Self {
        Self::Api(error.into())
    }
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Page<'a> {
    path: &'a str,
    style: &'a str,
    icon: &'a str,
    told: String,
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Gone(_) => StatusCode::NOT_FOUND,
            Self::NotLoggedIn => StatusCode::SEE_OTHER,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::TooManyAttempts(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooManyPages | Self::Api(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Page(_) | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        let told = match self {
            Self::NotLoggedIn => {
                return answer.insert_header((LOCATION, format!("{PATH}/login"))).finish();
            }
            Self::Api(error) => {
                error.log();
                error.seen().message.into_owned()
            }
            Self::Page(error) => {
                tracing::error!(%error, "a page of the dashboard cannot be made");
                self.to_string()
            }
            told => told.to_string(),
        };
        if let Self::TooManyAttempts(wait) = self {
            answer.insert_header((RETRY_AFTER, wait.as_secs().max(1)));
        }
        let page = Page { path: PATH, style: assets::STYLE.path(), icon: assets::ICON.path(), told };
        match page.render() {
            Ok(page) => answer.content_type("text/html; charset=utf-8").body(page),
            Err(_) => answer.content_type("text/plain; charset=utf-8").body(self.to_string()),
        }
    }
}
