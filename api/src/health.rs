//! Is this front end able to work? (CONTRACT §2)

use actix_web::{HttpResponse, web};

use crate::app::App;

/// `success` if the live state answers, else 503 and why not.
pub(crate) async fn check(app: web::Data<App>) -> HttpResponse {
    let plain = "text/plain; charset=utf-8";
    match app.state.check().await {
        Ok(()) => HttpResponse::Ok().content_type(plain).body("success"),
        Err(error) => {
            tracing::error!(%error, "health check failed");
            HttpResponse::ServiceUnavailable()
                .content_type(plain)
                .body(format!("Health Check Failure: {error}"))
        }
    }
}
