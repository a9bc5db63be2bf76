//! The Host of a request: protection from DNS rebinding, and the tenant's name (CONTRACT §2, §14).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HOST;
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;

/// The Host header without its port.
pub(crate) fn of(request: &HttpRequest) -> Option<&str> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    without_port(host.or_else(|| request.uri().host())?)
}

/// Scheme and host, with the port if there is one, as the client sees them: what the proxy in front says
/// (`X-Forwarded-Proto`, `X-Forwarded-Host`), else the Host header (CONTRACT §6). What cannot be a host is none.
pub(crate) fn origin(request: &HttpRequest) -> String {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let is_host = |host: &&str| !host.is_empty() && host.chars().all(plain);
    // Each proxy appends what it was asked for: the last one is the nearest.
    let forwarded = header("x-forwarded-host").and_then(|list| list.rsplit(',').next()).map(str::trim);
    let asked =
        header(HOST.as_str()).or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let host = forwarded.filter(is_host).or(asked.filter(is_host)).unwrap_or("localhost");
    let scheme = header("x-forwarded-proto").and_then(|list| list.split(',').next()).map(str::trim);
    let https = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    format!("{}://{host}", if https { "https" } else { "http" })
}

fn without_port(host: &str) -> Option<&str> {
    let name =
        if host.starts_with('[') { host.split_inclusive(']').next()? } else { host.split(':').next()? };
    Some(name).filter(|name| !name.is_empty())
}

/// Refuses requests for another host than `URL_HOST`; with tenants, its sub-domains pass as well.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>();
    let expected = app.and_then(|app| app.config.http.url_host.as_deref());
    let tenants = app.is_some_and(|app| app.config.meetings.multitenancy);
    let health_check = request.path().contains("health_check");
    let passes = match expected {
        Some(expected) if !health_check => {
            of(request.request()).is_some_and(|host| allowed(host, expected, tenants))
        }
        _ => true,
    };
    if passes {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    tracing::warn!(host = of(request.request()).unwrap_or_default(), "refused a request for another host");
    let refused = HttpResponse::Forbidden().content_type("text/plain; charset=utf-8").body("Blocked host\n");
    Ok(request.into_response(refused))
}

fn allowed(host: &str, expected: &str, tenants: bool) -> bool {
    let host = host.to_ascii_lowercase();
    let sub_domain =
        || host.strip_suffix(expected).is_some_and(|label| label.ends_with('.') && label.len() > 1);
    host == expected || (tenants && sub_domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_configured_host_and_its_tenants() {
        assert!(allowed("LB.example.com", "lb.example.com", false));
        assert!(!allowed("a.lb.example.com", "lb.example.com", false));
        assert!(allowed("a.lb.example.com", "lb.example.com", true));
        assert!(!allowed("evillb.example.com", "lb.example.com", true));
        assert!(!allowed(".lb.example.com", "lb.example.com", true));
    }

    #[test]
    fn a_port_is_no_part_of_the_name() {
        assert_eq!(without_port("a.b:8080"), Some("a.b"));
        assert_eq!(without_port("[::1]:80"), Some("[::1]"));
        assert_eq!(without_port(""), None);
    }
}
