//! What the headers of a request say, as tus has it. Pure.

use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::refusal::Refusal;

/// The version that is spoken.
pub(super) const VERSION: &str = "1.0.0";
/// What is spoken beyond the core.
pub(super) const EXTENSIONS: &str = "creation,termination";
pub(super) const RESUMABLE: &str = "Tus-Resumable";
pub(super) const OFFSET: &str = "Upload-Offset";
pub(super) const LENGTH: &str = "Upload-Length";
const METADATA: &str = "Upload-Metadata";
const MEDIA_TYPE: &str = "application/offset+octet-stream";

/// What is told of an upload that is to begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Creation {
    pub(super) length: u64,
    pub(super) name: String,
    pub(super) sha256: String,
}

/// The client must speak the same version.
pub(super) fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    match text(headers, RESUMABLE) {
        Some(VERSION) => Ok(()),
        _ => Err(Refusal::Version),
    }
}

/// Reads the headers of a `POST`.
pub(super) fn creation(headers: &HeaderMap) -> Result<Creation, Refusal> {
    const NAMED: &str = "Upload-Metadata: expected filename and sha256, each with its value in Base64";
    let length = number(headers, LENGTH).filter(|length| *length > 0);
    let length = length.ok_or(Refusal::Header("Upload-Length: expected the number of bytes, at least 1"))?;
    let metadata = text(headers, METADATA).ok_or(Refusal::Header(NAMED))?;
    let value = |key| metadata_value(metadata, key).ok_or(Refusal::Header(NAMED));
    Ok(Creation { length, name: value("filename")?, sha256: value("sha256")?.to_ascii_lowercase() })
}

/// Reads the headers of a `PATCH`: where it begins, and how long it is, if that is told.
pub(super) fn patch(headers: &HeaderMap) -> Result<(u64, Option<u64>), Refusal> {
    if text(headers, CONTENT_TYPE.as_str()) != Some(MEDIA_TYPE) {
        return Err(Refusal::MediaType);
    }
    let offset = number(headers, OFFSET);
    let offset =
        offset.ok_or(Refusal::Header("Upload-Offset: expected the number of bytes that are there"))?;
    Ok((offset, number(headers, CONTENT_LENGTH.as_str())))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let digits = text(headers, name)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// `key base64,key base64`: the value of a key, as text.
fn metadata_value(metadata: &str, key: &str) -> Option<String> {
    let mut pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let (_, value) = pairs.find(|(name, _)| *name == key)?;
    String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_creation() {
        let metadata = "note,filename YS50YXI=,sha256 QUI=";
        let read = creation(&headers(&[("upload-length", "12"), ("upload-metadata", metadata)])).unwrap();
        assert_eq!(read, Creation { length: 12, name: "a.tar".to_owned(), sha256: "ab".to_owned() });
        for (length, metadata) in [
            ("0", metadata),
            ("-1", metadata),
            ("+1", metadata),
            ("", metadata),
            ("99999999999999999999", metadata),
            ("1", ""),
            ("1", "filename YS50YXI="),
            ("1", "filename,sha256"),
            ("1", "filename !,sha256 QUI="),
            ("1", "filename /w==,sha256 QUI="),
        ] {
            let refused = creation(&headers(&[("upload-length", length), ("upload-metadata", metadata)]));
            assert!(matches!(refused, Err(Refusal::Header(_))), "{length} {metadata}: {refused:?}");
        }
    }

    #[test]
    fn a_patch() {
        let good = [("content-type", MEDIA_TYPE), ("upload-offset", "0"), ("content-length", "5")];
        assert!(matches!(patch(&headers(&good)), Ok((0, Some(5)))));
        assert!(matches!(patch(&headers(&good[..2])), Ok((0, None))));
        assert!(matches!(patch(&headers(&good[1..])), Err(Refusal::MediaType)));
        assert!(matches!(patch(&headers(&good[..1])), Err(Refusal::Header(_))));
    }

    #[test]
    fn the_version() {
        assert!(check_version(&headers(&[("tus-resumable", "1.0.0")])).is_ok());
        for other in [&[][..], &[("tus-resumable", "0.2.2")], &[("tus-resumable", "")]] {
            assert!(matches!(check_version(&headers(other)), Err(Refusal::Version)));
        }
    }
}
