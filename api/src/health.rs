//! Is this front end able to work? (CONTRACT §2)

use actix_web::{HttpResponse, web};

use crate::app::App;

/// `success` if the live state and, where there is one, the recordings' database answer, else 503 and why not.
pub(crate) async fn check(app: web::Data<App>) -> HttpResponse {
    let plain = "text/plain; charset=utf-8";
    match works(&app).await {
        Ok(()) => HttpResponse::Ok().content_type(plain).body("success"),
        Err(error) => {
            tracing::error!(%error, "health check failed");
            HttpResponse::ServiceUnavailable()
                .content_type(plain)
                .body(format!("Health Check Failure: {error}"))
        }
    }
}

async fn works(app: &App) -> Result<(), String> {
    app.state.check().await.map_err(|error| error.to_string())?;
    match &app.catalog {
        Some(catalog) => catalog.check().await.map_err(|error| error.to_string()),
        None => Ok(()),
    }
}
