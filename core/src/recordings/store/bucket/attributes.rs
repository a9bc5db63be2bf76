//! What an object tells of itself when it is served.

use object_store::{Attribute, Attributes};

/// Files that a browser is to save instead of showing them, as in the original.
const SAVED: [&str; 2] = ["pdf", "ogg"];

/// The attributes of a file of that name.
pub(super) fn of(name: &str) -> Attributes {
    let mut attributes = Attributes::new();
    let kind = mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream");
    attributes.insert(Attribute::ContentType, kind.into());
    let extension =
        name.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    if extension.is_some_and(|extension| SAVED.contains(&extension)) {
        attributes.insert(Attribute::ContentDisposition, "attachment".into());
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_extension() {
        for (name, kind, saved) in [
            ("video/webcams.webm", "video/webm", false),
            ("metadata.xml", "text/xml", false),
            ("index.html", "text/html", false),
            ("notes.pdf", "application/pdf", true),
            ("audio/audio.ogg", "audio/ogg", true),
            ("a.pdf/b", "application/octet-stream", false),
            ("caption_en.vtt", "text/vtt", false),
        ] {
            let attributes = of(name);
            assert_eq!(attributes.get(&Attribute::ContentType).unwrap().as_ref(), kind, "{name}");
            assert_eq!(attributes.get(&Attribute::ContentDisposition).is_some(), saved, "{name}");
        }
    }
}
