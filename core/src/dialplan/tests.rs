//! Hostile texts, put through what FreeSWITCH does with an answer.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use regex_lite::Regex;

use super::{Dialplan, Prompts, Request};

const PROMPTS: Prompts = Prompts { least_digits: 5, most_digits: 9, longest_call: None };

/// An element's attributes, unescaped.
type Element = (String, Vec<(String, String)>);

/// The elements of a document in their order. It must be well-formed and hold no text.
fn elements(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    let raw = attribute.value.into_owned();
                    (key, quick_xml::escape::unescape(&raw).unwrap().into_owned())
                });
                let attributes = attributes.collect();
                found.push((start.name().as_ref().to_owned(), attributes));
            }
            Event::Text(text) => assert!(text.trim().is_empty()),
            Event::End(_) => {}
            Event::Eof => return found,
            other => panic!("unexpected in an answer: {other:?}"),
        }
    }
}

fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.1.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The applications with their data, and the expression that the number called must match.
fn actions(xml: &str) -> (String, Vec<(String, String)>) {
    let all = elements(xml);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..5], ["document", "section", "context", "extension", "condition"]);
    assert!(names[5..].iter().all(|name| *name == "action"), "{names:?}");
    let expression = attribute(&all[4], "expression").unwrap().to_owned();
    let actions = all[5..].iter().map(|action| {
        let data = attribute(action, "data").unwrap_or_default();
        (attribute(action, "application").unwrap().to_owned(), data.to_owned())
    });
    (expression, actions.collect())
}

/// What FreeSWITCH makes of a text when it expands it (`switch_event_expand_headers`); none if it would replace
/// something.
fn expand(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let has_variable = || {
        let mut dollar = false;
        chars.iter().any(|&c| {
            let found = dollar && c == '{';
            dollar = c == '$';
            found
        })
    };
    // It skips over what a backslash escapes as it looks for escapes.
    let has_escape = || {
        let mut index = 0;
        while let Some(found) = chars[index.min(chars.len())..].iter().position(|&c| c == '\\') {
            index += found;
            while at(index) == '\\' {
                index += 1;
                if matches!(at(index), '\\' | 'n' | 's' | '\'') {
                    return true;
                }
                match chars[index.min(chars.len())..].iter().position(|&c| c == '\\') {
                    Some(found) => index += found,
                    None => return false,
                }
            }
        }
        false
    };
    if !has_variable() && !has_escape() {
        return Some(text.to_owned());
    }
    let (mut out, mut index) = (String::new(), 0);
    while index < chars.len() {
        let mut verbatim = false;
        if at(index) == '\\' {
            match at(index + 1) {
                '$' => {
                    verbatim = true;
                    index += 1;
                    if at(index + 1) == '$' {
                        index += 1;
                    }
                }
                '\'' => {
                    index += 2;
                    continue;
                }
                '\\' => {
                    out.push('\\');
                    index += 2;
                    continue;
                }
                _ => {}
            }
        }
        if at(index) == '$' && !verbatim {
            if at(index + 1) == '$' {
                index += 1;
            }
            if at(index + 1) == '{' {
                return None;
            }
        }
        out.push(at(index));
        index += 1;
    }
    Some(out)
}

/// Of several `$` in a row an expansion keeps one or two; which, is of no interest.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::new();
    for c in text.chars() {
        if c != '$' || !squeezed.ends_with('$') {
            squeezed.push(c);
        }
    }
    squeezed
}

/// What FreeSWITCH's preprocessor would act on in the answer, which it sees as plain lines.
fn assert_not_preprocessed(xml: &str) {
    assert!(!xml.contains("$${"), "{xml}");
    for directive in ["<!--", "<?", "<include", "<x-pre-process", "<X-PRE-PROCESS", "<![CDATA["] {
        assert!(!xml.contains(directive), "{xml}");
    }
}

fn bridge<'a>(destination: &'a str, meeting_id: &'a str, caller_id: &'a str) -> Dialplan<'a> {
    Dialplan::Bridge { destination, meeting_id, caller_id, pin: "12345", host: "bbb.example.org" }
}

#[test]
fn as_the_original_has_it() {
    let xml = Dialplan::NotFound.to_xml(PROMPTS);
    let names: Vec<String> = elements(&xml).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["document", "section", "result"]);
    assert!(xml.contains("<result status=\"not found\"/>"), "{xml}");

    let prompts = Prompts { longest_call: Some(std::time::Duration::from_secs(7200)), ..PROMPTS };
    let (expression, prompt) = actions(&Dialplan::Prompt { destination: "5551234" }.to_xml(prompts));
    assert_eq!(expression, "^5551234$");
    let digits = "5 9 3 7000 # conference/conf-enter_conf_pin.wav conference/conf-bad-pin.wav pin \\d+";
    let pairs =
        |list: &[(&str, &str)]| list.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect::<Vec<_>>();
    let expected = [
        ("answer", ""),
        ("sched_hangup", "+7200 normal_clearing"),
        ("sleep", "500"),
        ("playback", "ivr/ivr-welcome.wav"),
        ("sleep", "200"),
        ("play_and_get_digits", digits),
        ("transfer", "${pin} XML public"),
    ];
    assert_eq!(prompt, pairs(&expected));
    assert_eq!(expand(digits).as_deref(), Some(digits));

    let (_, again) = actions(&Dialplan::PromptAgain { destination: "5551234" }.to_xml(prompts));
    let expected = [
        ("playback", "conference/conf-bad-pin.wav"),
        ("sleep", "500"),
        ("play_and_get_digits", digits),
        ("transfer", "${pin} XML public"),
    ];
    assert_eq!(again, pairs(&expected));

    let (_, bridged) = actions(&bridge("5551234", "m-1", "Ada").to_xml(prompts));
    let expected = [
        ("set", "meeting_id=m-1"),
        ("set", "effective_caller_id_name=Ada"),
        ("bridge", "sofia/external/12345@bbb.example.org"),
    ];
    assert_eq!(bridged, pairs(&expected));
}

#[test]
fn nothing_is_hung_up_without_a_limit() {
    let (_, prompt) = actions(&Dialplan::Prompt { destination: "1" }.to_xml(PROMPTS));
    assert!(prompt.iter().all(|(application, _)| application != "sched_hangup"));
}

#[test]
fn one_action_a_line() {
    let xml = bridge("1", "X-PRE-PROCESS", "a\r\nb").to_xml(PROMPTS);
    let actions: Vec<&str> = xml.lines().filter(|line| line.contains("<action ")).collect();
    assert_eq!(actions.len(), 3);
    assert!(xml.contains("effective_caller_id_name=a  b"), "{xml}");
}

#[test]
fn what_was_dialled_does_not_end_up_in_other_data() {
    // With a `(` in an expression, `$0` in the data becomes what was dialled.
    let (expression, _) = actions(&bridge("($", "m", "$0{system ls}").to_xml(PROMPTS));
    assert!(!expand(&expression).unwrap().contains('('), "{expression}");
}

#[test]
fn the_model_expands_what_freeswitch_does() {
    assert_eq!(expand("${a}"), None);
    assert_eq!(expand("$${a}"), None);
    assert_eq!(expand("\\${a}").as_deref(), Some("${a}"));
    assert_eq!(expand("\\\\${a}"), None);
    assert_eq!(expand("a\\b").as_deref(), Some("a\\b"));
    assert_eq!(expand("a\\\\b").as_deref(), Some("a\\b"));
}

/// Texts of what matters to XML, to FreeSWITCH and to regular expressions, and of anything else.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[$\\\\{}()'\"<>&\\[\\]]",
        1 => Just("${".to_owned()),
        1 => Just("\\${".to_owned()),
        1 => Just("$${hostname}".to_owned()),
        1 => Just("${system(id)}".to_owned()),
        1 => Just("\"/><X-PRE-PROCESS cmd=\"exec\" data=\"id\"/>".to_owned()),
        1 => Just("<!--#exec id-->".to_owned()),
        2 => "[0-9+*#.^|?$]{1,3}",
        2 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_is_injected(destination in hostile(), meeting in hostile(), caller in hostile(), pin in hostile()) {
        let plan = Dialplan::Bridge {
            destination: &destination, meeting_id: &meeting, caller_id: &caller, pin: &pin, host: "h",
        };
        let xml = plan.to_xml(PROMPTS);
        assert_not_preprocessed(&xml);
        let (expression, actions) = actions(&xml);
        prop_assert_eq!(actions.len(), 3);
        prop_assert!(expand(&expression).is_some());
        let printable = |text: &str| {
            text.chars().map(|c| if super::escape::is_printable(&c.to_string()) { c } else { ' ' }).collect::<String>()
        };
        for (at, name, text) in [(0, "meeting_id=", &meeting), (1, "effective_caller_id_name=", &caller)] {
            // Once when the application is executed, and its value once more.
            let executed = expand(&actions[at].1).expect("nothing is replaced");
            let value = expand(executed.strip_prefix(name).unwrap()).expect("nothing is replaced");
            prop_assert_eq!(squeezed(&value), squeezed(&printable(text)));
        }
        let bridged = expand(&actions[2].1).expect("nothing is replaced");
        prop_assert_eq!(squeezed(&bridged), squeezed(&format!("sofia/external/{}@h", printable(&pin))));
    }

    #[test]
    fn a_number_is_matched_by_itself_alone(destination in hostile(), other in hostile()) {
        let (expression, _) = actions(&Dialplan::Prompt { destination: &destination }.to_xml(PROMPTS));
        let expression = expand(&expression).expect("nothing is replaced");
        prop_assert!(!expression.contains('('));
        let regex = Regex::new(&expression).unwrap();
        if super::escape::is_printable(&destination) {
            prop_assert!(regex.is_match(&destination));
            prop_assert_eq!(regex.is_match(&other), other == destination);
            let longer = format!("{destination}0");
            prop_assert!(!regex.is_match(&longer));
        }
    }

    #[test]
    fn any_form_is_read(query in proptest::collection::vec(any::<u8>(), 0..80), body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let request = Request::parse(&query, &body);
        let destination = request.destination().unwrap_or("1");
        let xml = Dialplan::Prompt { destination }.to_xml(PROMPTS);
        elements(&xml);
        prop_assert!(request.voice_bridges().all(|number| number.bytes().all(|b| b.is_ascii_digit())));
    }
}
