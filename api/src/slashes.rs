//! Doubled slashes in a path count as one: front ends make them from a URL that ends with a slash.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;

/// Routes the request as if each run of slashes in its path were one.
pub(crate) async fn merge<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if request.path().contains("//")
        && let Some(uri) = merged(request.uri())
    {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

fn merged(uri: &Uri) -> Option<Uri> {
    let mut path = String::with_capacity(uri.path().len());
    for letter in uri.path().chars() {
        if letter != '/' || !path.ends_with('/') {
            path.push(letter);
        }
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::from_maybe_shared(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_changes() {
        let merge = |uri: &str| merged(&uri.parse().unwrap()).unwrap().to_string();
        assert_eq!(
            merge("//bigbluebutton///api//join?a=//b&c=%2F%2F"),
            "/bigbluebutton/api/join?a=//b&c=%2F%2F"
        );
        assert_eq!(merge("//"), "/");
    }
}
