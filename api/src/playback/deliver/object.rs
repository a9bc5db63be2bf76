//! Objects are sent from the bucket, piece by piece.

use std::ops::Range;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{self, EntityTag, HttpDate};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::stream;
use scalelite_core::recordings::model::Shelf;
use scalelite_core::recordings::store::{Bucket, ObjectHead, StoreError};

use crate::playback::error::PlaybackError;
use crate::playback::place::Place;

/// The object at `path` of a tree, whole or in part, as the request asks for.
pub(super) async fn answer(
    bucket: &Bucket,
    request: &HttpRequest,
    place: &Place,
    path: &str,
) -> Result<HttpResponse, PlaybackError> {
    let found = bucket.find(&place.tree, Shelf::Published, path).await?;
    let object = found.ok_or(PlaybackError::NotFound)?;
    let etag = object.etag.as_deref().and_then(|etag| EntityTag::from_str(etag).ok());
    let modified = SystemTime::from(object.modified);
    let wanted = wanted(request, object.size, etag.as_ref(), modified);

    let mut response = match &wanted {
        Wanted::Whole => HttpResponse::Ok(),
        Wanted::Part(_) => HttpResponse::PartialContent(),
        Wanted::NotModified => HttpResponse::NotModified(),
        Wanted::Nothing => HttpResponse::RangeNotSatisfiable(),
    };
    response.insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Some(etag) = etag {
        response.insert_header(header::ETag(etag));
    }
    response.insert_header(header::LastModified(modified.into()));
    let size = object.size;
    let part = match wanted {
        Wanted::NotModified => return Ok(response.finish()),
        Wanted::Nothing => {
            response.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
            return Ok(response.finish());
        }
        Wanted::Whole => None,
        Wanted::Part(part) => {
            let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            response.insert_header((header::CONTENT_RANGE, range));
            Some(part)
        }
    };
    describe(&mut response, &object);
    let length = part.as_ref().map_or(size, |part| part.end - part.start);
    if request.method() == Method::HEAD || length == 0 {
        return Ok(response.body(SizedStream::new(length, stream::empty::<Result<_, StoreError>>())));
    }
    Ok(response.body(SizedStream::new(length, bucket.read(&object, part).await?)))
}

fn describe(response: &mut actix_web::HttpResponseBuilder, object: &ObjectHead) {
    let kind = object.content_type.as_deref().unwrap_or("application/octet-stream");
    response.insert_header((header::CONTENT_TYPE, kind));
    if let Some(disposition) = &object.disposition {
        response.insert_header((header::CONTENT_DISPOSITION, disposition.as_str()));
    }
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    /// The viewer has it.
    NotModified,
    /// A part that is not there.
    Nothing,
}

/// Reads the headers of a conditional request, and of one for a part. Several parts at once are not sent: that is
/// left to us, and the whole is.
fn wanted(request: &HttpRequest, size: u64, etag: Option<&EntityTag>, modified: SystemTime) -> Wanted {
    if is_known(request, etag, modified) {
        return Wanted::NotModified;
    }
    // Only the whole has a head.
    let Some(header::Range::Bytes(parts)) = request.get_header().filter(|_| request.method() == Method::GET)
    else {
        return Wanted::Whole;
    };
    let [part] = parts.as_slice() else { return Wanted::Whole };
    if !is_unchanged(request, etag, modified) {
        return Wanted::Whole;
    }
    match part.to_satisfiable_range(size) {
        Some((first, last)) => Wanted::Part(first..last + 1),
        None => Wanted::Nothing,
    }
}

fn is_known(request: &HttpRequest, etag: Option<&EntityTag>, modified: SystemTime) -> bool {
    if request.headers().contains_key(header::IF_NONE_MATCH) {
        return match request.get_header() {
            Some(header::IfNoneMatch::Any) => true,
            Some(header::IfNoneMatch::Items(known)) => {
                etag.is_some_and(|etag| known.iter().any(|known| known.weak_eq(etag)))
            }
            None => false,
        };
    }
    let since: Option<header::IfModifiedSince> = request.get_header();
    since.is_some_and(|header::IfModifiedSince(since)| seconds(modified) <= seconds(since.into()))
}

/// Whether a part that is asked for belongs to what the viewer has.
fn is_unchanged(request: &HttpRequest, etag: Option<&EntityTag>, modified: SystemTime) -> bool {
    if !request.headers().contains_key(header::IF_RANGE) {
        return true;
    }
    match request.get_header() {
        Some(header::IfRange::EntityTag(known)) => etag.is_some_and(|etag| known.strong_eq(etag)),
        Some(header::IfRange::Date(date)) => seconds(HttpDate::into(date)) == seconds(modified),
        None => false,
    }
}

/// Dates in headers have no fractions.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::test::TestRequest;

    use super::*;

    fn asked(headers: &[(&str, &str)]) -> Wanted {
        asked_with(TestRequest::get(), headers)
    }

    /// Of an object of 100 bytes.
    fn asked_with(request: TestRequest, headers: &[(&str, &str)]) -> Wanted {
        let request =
            headers.iter().fold(request, |request, pair| request.insert_header(*pair)).to_http_request();
        // Thu, 01 Jan 2026 00:00:00 GMT, and a bit.
        let modified = UNIX_EPOCH + Duration::from_millis(1_767_225_600_500);
        wanted(&request, 100, Some(&EntityTag::new_strong("e".to_owned())), modified)
    }

    const THEN: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
    const BEFORE: &str = "Wed, 31 Dec 2025 23:59:59 GMT";

    #[test]
    fn one_part_or_the_whole() {
        for (range, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=10-19", Wanted::Part(10..20)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=90-500", Wanted::Part(90..100)),
            ("bytes=-5", Wanted::Part(95..100)),
            ("bytes=-500", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=0-9,20-29", Wanted::Whole),
            ("bytes=9-2", Wanted::Whole),
            ("bytes=x", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("", Wanted::Whole),
            ("bytes=18446744073709551615-18446744073709551615", Wanted::Nothing),
            ("bytes=0-18446744073709551615", Wanted::Part(0..100)),
        ] {
            assert_eq!(asked(&[("range", range)]), expected, "{range}");
        }
        assert_eq!(asked(&[]), Wanted::Whole);
        assert_eq!(
            asked_with(TestRequest::default().method(Method::HEAD), &[("range", "bytes=0-0")]),
            Wanted::Whole
        );
    }

    #[test]
    fn of_nothing_there_is_no_part() {
        let request = TestRequest::get().insert_header(("range", "bytes=0-")).to_http_request();
        assert_eq!(wanted(&request, 0, None, UNIX_EPOCH), Wanted::Nothing);
    }

    #[test]
    fn what_the_viewer_has_is_not_sent() {
        for (headers, known) in [
            (vec![("if-none-match", "\"e\"")], true),
            (vec![("if-none-match", "\"x\", W/\"e\"")], true),
            (vec![("if-none-match", "*")], true),
            (vec![("if-none-match", "\"x\"")], false),
            (vec![("if-modified-since", THEN)], true),
            (vec![("if-modified-since", BEFORE)], false),
            // The tag says more than the date.
            (vec![("if-none-match", "\"x\""), ("if-modified-since", THEN)], false),
            (vec![("if-modified-since", "yesterday")], false),
        ] {
            let expected = if known { Wanted::NotModified } else { Wanted::Whole };
            assert_eq!(asked(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_part_of_something_else_is_the_whole() {
        for (condition, same) in [
            ("\"e\"", true),
            ("\"x\"", false),
            ("W/\"e\"", false),
            (THEN, true),
            (BEFORE, false),
            ("?", false),
        ] {
            let expected = if same { Wanted::Part(0..10) } else { Wanted::Whole };
            assert_eq!(asked(&[("range", "bytes=0-9"), ("if-range", condition)]), expected, "{condition}");
        }
    }
}
