//! Where a request's path leads: to a file of a recording's tree, by plain names only.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, utf8_percent_encode};
use scalelite_core::recordings::store::TreeName;

/// What stands for itself in a path, a cookie and a cookie's name alike; all else is encoded.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A place in a recording's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The tree.
    pub(super) tree: TreeName,
    /// Where in it, decoded: `""` or `a/` for a directory, `a/b` for a file or a directory. None for the tree
    /// itself without the slash that its page's links need.
    pub(super) path: Option<String>,
}

impl Place {
    /// Reads `/<format>/<record id>/…`, percent-encoded. None where a name is not UTF-8, hidden (`..` too), or
    /// holds a slash, a backslash or a control character, whichever way it is written.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.splitn(3, '/');
        let (format, record_id) = (plain(parts.next()?)?, plain(parts.next()?)?);
        let tree = TreeName::new(&format, &record_id).ok()?;
        let Some(rest) = parts.next() else { return Some(Self { tree, path: None }) };
        let (names, slash) = match rest.strip_suffix('/') {
            Some(names) => (names, "/"),
            None => (rest, ""),
        };
        if rest.is_empty() {
            return Some(Self { tree, path: Some(String::new()) });
        }
        let names: Option<Vec<String>> = names.split('/').map(plain).collect();
        Some(Self { tree, path: Some(names?.join("/") + slash) })
    }

    /// The path again, percent-encoded: of the same place there is one spelling only.
    pub(super) fn encoded(&self) -> String {
        let mut path = root(&self.tree);
        for name in self.path.iter().flat_map(|path| path.split('/')) {
            path.push('/');
            path.extend(encode(name));
        }
        path
    }
}

/// Reads `/recording/<record id>/<format>`, percent-encoded.
pub(super) fn parse_link(path: &str) -> Option<TreeName> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut names = path.rsplitn(3, '/').map(plain);
    let (format, record_id) = (names.next()??, names.next()??);
    TreeName::new(&format, &record_id).ok()
}

/// `/<format>/<record id>`, percent-encoded.
pub(super) fn root(tree: &TreeName) -> String {
    format!("/{}/{}", encode(tree.format()), encode(tree.record_id()))
}

/// The path of a file at the top of a tree, percent-encoded.
pub(crate) fn path_of(tree: TreeName, file: String) -> String {
    Place { tree, path: Some(file) }.encoded()
}

/// A name, percent-encoded.
pub(crate) fn encode(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, PLAIN)
}

/// One name of a path.
fn plain(name: &str) -> Option<String> {
    let name = percent_decode_str(name).decode_utf8().ok()?;
    let odd = |c: char| matches!(c, '/' | '\\') || c.is_control();
    let good = !name.is_empty() && !name.starts_with('.') && !name.contains(odd);
    good.then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(path: Option<&str>) -> Option<Place> {
        let tree = TreeName::new("video", "r-1").unwrap();
        Some(Place { tree, path: path.map(str::to_owned) })
    }

    #[test]
    fn plain_names_lead_to_a_place() {
        for (path, expected, encoded) in [
            ("/video/r-1", None, "/video/r-1"),
            ("/video/r-1/", Some(""), "/video/r-1/"),
            ("/video/r-1/index.html", Some("index.html"), "/video/r-1/index.html"),
            ("/video/r-1/a/b.c", Some("a/b.c"), "/video/r-1/a/b.c"),
            ("/video/r-1/a/", Some("a/"), "/video/r-1/a/"),
            ("/%76ideo/r%2D1/%61", Some("a"), "/video/r-1/a"),
            ("/video/r-1/a%20b", Some("a b"), "/video/r-1/a%20b"),
            ("/video/r-1/a..b", Some("a..b"), "/video/r-1/a..b"),
            ("/video/r-1/%C3%B1;x", Some("ñ;x"), "/video/r-1/%C3%B1%3Bx"),
            ("/video/r-1/100%25%3F%23", Some("100%?#"), "/video/r-1/100%25%3F%23"),
            ("/video/r-1/a+(1)~", Some("a+(1)~"), "/video/r-1/a%2B%281%29~"),
            // Decoded once: this is the name of a file.
            ("/video/r-1/a%252e", Some("a%2e"), "/video/r-1/a%252e"),
        ] {
            let found = Place::parse(path);
            assert_eq!(found, place(expected), "{path}");
            assert_eq!(found.unwrap().encoded(), encoded);
        }
    }

    #[test]
    fn nothing_leads_out() {
        for path in [
            "",
            "/",
            "/video",
            "/video/",
            "/video//",
            "/video//x",
            "video/r-1/x",
            "//r-1/x",
            "/video/../r-1/x",
            "/video/r-1/..",
            "/video/r-1/../x",
            "/video/r-1/%2e%2e/x",
            "/video/r-1/.%2E/x",
            "/video/r-1/./x",
            "/video/r-1//x",
            "/video/r-1/a//",
            "/video/r-1//",
            "/video/r-1/.hidden",
            "/video/r-1/%2ehidden",
            "/video/r-1/a/.b/c",
            "/video/.r-1/x",
            "/.video/r-1/x",
            "/video/..%2Fr-1/x",
            "/video/r-1/a%2fb",
            "/video/r-1/a%5Cb",
            "/video/r-1/a\\b",
            "/video/r-1/a%00b",
            "/video/r-1/a%0d%0aX: y",
            "/video/r-1/%ff",
            "/video/r-1/a%7f",
            "/video/%00/x",
            "/%2e%2e/r-1/x",
            "/video/r-1/..%00",
            "/video/r-1/\u{85}",
        ] {
            assert_eq!(Place::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_link_names_a_tree() {
        let tree = TreeName::new("video", "r-1").ok();
        for path in ["/recording/r-1/video", "/recording/r-1/video/", "/recording/r%2D1/%76ideo"] {
            assert_eq!(parse_link(path), tree, "{path}");
        }
        for path in
            ["", "/", "/recording", "/recording/r-1/video//", "/recording/r-1/%2e%2e", "/recording/%ff/video"]
        {
            assert_eq!(parse_link(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_spelling_leads_to_the_same_place(path in "/v(%2e|[.a-c/%\\\\0-9A-Fé ])*/[a%.2e/]{0,9}") {
            if let Some(place) = Place::parse(&path) {
                let encoded = place.encoded();
                prop_assert_eq!(Place::parse(&encoded), Some(place.clone()));
                prop_assert!(encoded.is_ascii() && !encoded.contains("/.") && !encoded.contains("//"));
                if let Some(path) = place.path {
                    prop_assert!(!path.starts_with('/') && path.split('/').all(|name| name != ".."));
                }
            }
        }
    }
}
