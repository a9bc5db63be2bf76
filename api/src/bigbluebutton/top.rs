//! The top-level call: is this a BigBlueButton server, and which version? No checksum.

use actix_web::{HttpResponse, web};
use scalelite_core::bbb::xml;

use super::answer;
use crate::app::App;

/// `SUCCESS`, the API's version, and `BUILD_NUMBER` if it is set.
pub(crate) async fn answer_version(app: web::Data<App>) -> HttpResponse {
    answer(match &app.config.http.build_number {
        Some(build) => xml::success(&[("version", "2.0"), ("build", build)]),
        None => xml::success(&[("version", "2.0")]),
    })
}
