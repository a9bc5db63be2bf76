use proptest::prelude::*;

use super::*;
use crate::recordings::model::Micros;

const REAL: &str = include_str!("fixtures/greenlight-presentation.xml");

fn read(document: &str) -> NewRecording {
    parse(document.as_bytes()).unwrap()
}

fn refused(document: &str) -> String {
    parse(document.as_bytes()).unwrap_err().to_string()
}

/// A document with this in `recording`, and with what it must have.
fn with(inside: &str) -> String {
    let link = "<link>https://h/x</link>";
    format!("<recording><id>r</id><playback><format>video</format>{link}</playback>{inside}</recording>")
}

const MEETING: &str = "<meta><meetingId>m</meetingId></meta>";

#[test]
fn a_real_one() {
    let id = "b27af2f930d418879550e09c7548d1cdd0be25cf-1504122319984";
    let slides = format!(
        "/presentation/{id}/presentation/d2d9a672040fbde2a47a10bf6c37b6a4b5ae187f-1504122320002/thumbnails"
    );
    let blank = "(this slide left blank for use as a whiteboard)";
    let thumbnail = |n: u32, alt: &str| Thumbnail {
        width: Some(176),
        height: Some(136),
        alt: Some(alt.to_owned()),
        url: Some(format!("{slides}/thumb-{n}.png")),
    };
    let metadata = [
        ("meeting-name", "Prueba 2"),
        (
            "gl-webhooks-callback-url",
            "https://demo.bigbluebutton.org/b/rooms/vi-249c619c/Prueba%202/callback",
        ),
        ("room-id", "vi-249c619c"),
        ("gl-token", "vi-249c619c-Prueba 2"),
        ("gl-listed", "false"),
    ];
    let expected = NewRecording {
        record_id: id.to_owned(),
        meeting_id: "5bd0e35013bc9761d06f01d4bfd9b4ae1c8df289".to_owned(),
        name: Some("Prueba 2".to_owned()),
        published: true,
        state: Some("published".to_owned()),
        participants: Some(4),
        start: Some(Micros(1_504_122_319_984_000)),
        end: Some(Micros(1_504_122_655_395_000)),
        metadata: metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        format: PlaybackFormat {
            format: "presentation".to_owned(),
            url: Some(format!("/playback/presentation/2.0/playback.html?meetingId={id}")),
            length: Some(2),
            processing_time: Some(10915),
            thumbnails: vec![thumbnail(1, "Welcome to"), thumbnail(2, blank), thumbnail(3, blank)],
        },
    };
    assert_eq!(read(REAL), expected);
}

#[test]
fn the_newer_shape_names_the_meeting_in_an_element_of_its_own() {
    let meeting = r#"<meeting id="i" externalId="from &amp; element" name="N &lt; M" breakout="false"/>"#;
    let newer = read(&with(meeting));
    assert_eq!((newer.meeting_id.as_str(), newer.name.as_deref()), ("from & element", Some("N < M")));
    assert!(newer.metadata.is_empty());
    let both = read(&with(&format!("{meeting}{MEETING}")));
    assert_eq!((both.meeting_id.as_str(), both.name.as_deref()), ("m", Some("N < M")));
    let only = "<recording><meeting id='i' externalId='e'/><playback><format>f</format><link/></playback></recording>";
    let only = read(only);
    assert_eq!((only.record_id.as_str(), only.format.url), ("i", None));
}

#[test]
fn the_least_there_can_be() {
    let least = read(&with(MEETING));
    assert_eq!((least.published, least.state, least.participants), (false, None, None));
    assert_eq!((least.start, least.end, least.name), (None, None, None));
    let format = least.format;
    assert_eq!((format.length, format.processing_time, format.thumbnails), (None, None, vec![]));
    assert_eq!(format.url.as_deref(), Some("/x"));
}

#[test]
fn numbers_as_the_original_reads_them() {
    let numbers = "<participants> 12 people</participants><start_time>none</start_time><end_time/>";
    let recording = read(&with(&format!("{MEETING}{numbers}")));
    assert_eq!((recording.participants, recording.start, recording.end), (Some(12), None, None));
    for (milliseconds, length) in [("29999", 0), ("30000", 1), ("89999", 1), ("90000", 2), ("7200000.5", 120)]
    {
        let document = REAL.replace("105862", milliseconds);
        assert_eq!(read(&document).format.length, Some(length), "{milliseconds}");
    }
}

#[test]
fn states() {
    let state = |state: &str| parse(with(&format!("{MEETING}<state>{state}</state>")).as_bytes());
    assert_eq!(state(" available\n").unwrap().state.as_deref(), Some("published"));
    assert_eq!(state("processed").unwrap().state.as_deref(), Some("processed"));
    assert_eq!(state("").unwrap().state, None);
    assert_eq!(
        state("odd").unwrap_err().to_string(),
        "its `state` is \"odd\", which is none that a recording can be in"
    );
    for (text, published) in [("true", true), (" true ", true), ("false", false), ("1", false)] {
        assert_eq!(read(&with(&format!("{MEETING}<published>{text}</published>"))).published, published);
    }
}

#[test]
fn metadata_of_all_kinds() {
    let meta = "<meta><meetingId>m</meetingId><isBreakout>x</isBreakout><empty/><a>1</a><B.b-c_1>&lt;&#x41;&gt;</B.b-c_1>\
                <a>2</a><nested> x <b>y</b><![CDATA[<z>]]></nested><odd>&nbsp; & &amp;amp;</odd></meta>";
    let expected =
        [("empty", ""), ("a", "2"), ("B.b-c_1", "<A>"), ("nested", " x y<z>"), ("odd", "&nbsp; & &amp;")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(read(&with(meta)).metadata, expected);
}

#[test]
fn links() {
    let link = |link: &str| {
        let document = with(MEETING).replace("https://h/x", link);
        parse(document.as_bytes()).map(|recording| recording.format.url.unwrap_or_default())
    };
    for (given, stored) in [
        ("\n  https://h:8443/playback/presentation/2.3/a-1 ", "/playback/presentation/2.3/a-1"),
        ("http://h", "/"),
        ("https://h/a?b=c&amp;d=%20#e", "/a?b=c&d=%20"),
        ("/relative/a?b", "/relative/a?b"),
        ("https://h/a b/ñ", "/a%20b/%C3%B1"),
        ("", ""),
    ] {
        assert_eq!(link(given).unwrap(), stored, "{given}");
    }
    for given in ["javascript:alert(1)", "https://", "file:///etc/passwd", "http://[::1/x"] {
        assert!(matches!(link(given), Err(MetadataError::Link { element: "link", .. })), "{given}");
    }
    let image = "<playback><extensions><preview><images><image alt='a'>ftp://h/x</image></images></preview></extensions>";
    let told = refused(&with(MEETING).replace("<playback>", image));
    assert_eq!(told, "its `image` is no web address: \"ftp://h/x\"");
}

#[test]
fn what_is_missing_is_named() {
    let whole = with(MEETING);
    for (part, told) in [
        ("<id>r</id>", "it has no `id`"),
        (MEETING, "it has no `meta/meetingId` and no `externalId` of a `meeting`"),
        ("<format>video</format>", "it has no `playback/format`"),
        ("<link>https://h/x</link>", "it has no `playback/link`"),
    ] {
        assert_eq!(refused(&whole.replace(part, "")), told);
    }
    assert_eq!(refused("<response/>"), MetadataError::NoRecording.to_string());
    assert_eq!(refused(""), MetadataError::NoRecording.to_string());
}

#[test]
fn what_cannot_be_stored_is_refused() {
    for (inside, told) in [
        ("<participants>3000000000</participants>", "its `participants` is out of range: 3000000000"),
        ("<start_time>-1</start_time>", "its `start_time` is out of range: -1"),
        ("<end_time>253402300800000</end_time>", "its `end_time` is out of range: 253402300800000"),
        ("<end_time>99999999999999999999</end_time>", "its `end_time` is out of range: 9223372036854775807"),
        ("<state>a\0</state>", "its `state` holds a NUL character"),
        ("<meta><a&b/></meta>", "\"a&b\" cannot be the name of an element of `meta`"),
    ] {
        assert_eq!(refused(&with(&format!("{MEETING}{inside}"))), told);
    }
    let kept = read(&with(&format!("{MEETING}<meta><a>&#0;</a></meta>")));
    assert_eq!(kept.metadata[0].1, "&#0;", "a reference to what cannot be is kept as it is");
    let long = "x".repeat(LONGEST + 1);
    assert_eq!(
        refused(&with(&format!("<meta><meetingId>{long}</meetingId></meta>"))),
        MetadataError::TooLong("meetingId").to_string()
    );
    assert_eq!(
        refused(&with(&format!("{MEETING}<meta><{long}/></meta>"))),
        MetadataError::TooLong("meta").to_string()
    );
}

#[test]
fn bounds() {
    let many = |n: usize| with(&format!("<meta><meetingId>m</meetingId>{}</meta>", "<a/>".repeat(n)));
    assert_eq!(read(&many(MOST - 1)).metadata.len(), 1);
    assert_eq!(refused(&many(MOST)), MetadataError::TooMany("meta").to_string());
    assert_eq!(refused(&"<a>".repeat(DEEPEST + 1)), MetadataError::TooDeep.to_string());
    let largest = usize::try_from(LARGEST).unwrap();
    let padded = |size: usize| with(MEETING) + &" ".repeat(size - with(MEETING).len());
    assert!(parse(padded(largest).as_bytes()).is_ok());
    assert_eq!(refused(&padded(largest + 1)), MetadataError::TooLarge(LARGEST + 1).to_string());
}

#[test]
fn nothing_is_expanded() {
    let laughs = "<!DOCTYPE recording [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    assert_eq!(refused(&format!("{laughs}{}", with(MEETING))), MetadataError::DocumentType.to_string());
}

#[test]
fn what_is_not_xml_is_told() {
    for (document, told) in [
        ("<recording><id>", "it is not XML: it ends before its elements do"),
        ("<recording><id></recording>", "it is not XML: "),
        ("<recording", "it is not XML: "),
        ("no", "it has no element `recording`"),
    ] {
        let error = refused(document);
        assert!(error.starts_with(told), "{error}");
    }
    assert!(parse(b"<recording>\xff</recording>").unwrap_err().to_string().starts_with("it is not UTF-8"));
    assert!(
        parse(b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><recording/>")
            .is_err_and(|error| { matches!(error, MetadataError::Missing("`id`")) })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever a file holds, it is read or refused.
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    /// So it is with a real one that was damaged.
    #[test]
    fn never_panics_at_a_damaged_one(at in 0..REAL.len(), length in 0_usize..40, put in "[<>/&;!\\[\\]'\" a-z0-9\0-]{0,20}") {
        let mut bytes = REAL.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        let _ = parse(&bytes);
    }

    /// Texts come out as they were put in.
    #[test]
    fn texts_are_kept(name in "[^\0\r]{0,40}", value in "[^\0\r]{0,40}", id in "[a-zA-Z0-9-]{1,40}") {
        let escape = |text: &str| quick_xml::escape::escape(text.to_owned());
        let document = format!(
            "<recording><id>{id}</id><meta><meetingId>m</meetingId><meetingName>{}</meetingName><k>{}</k></meta>\
             <playback><format>f</format><link/></playback></recording>",
            escape(&name), escape(&value),
        );
        let recording = read(&document);
        prop_assert_eq!(recording.record_id, id);
        prop_assert_eq!(recording.name.unwrap_or_default(), if name.trim().is_empty() { "" } else { &name });
        prop_assert_eq!(&recording.metadata[0].1, &value);
    }
}
