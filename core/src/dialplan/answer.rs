//! What FreeSWITCH is told, as XML.

use std::io;
use std::time::Duration;

use quick_xml::Writer;

use super::escape;

/// Where FreeSWITCH looks for an extension when a call is transferred.
const CONTEXT: &str = "public";
/// How often a caller may try to enter a number, and how long each try waits for a digit, in milliseconds.
const TRIES_AND_TIME: &str = "3 7000";
const ASK: &str = "conference/conf-enter_conf_pin.wav";
const REFUSE: &str = "conference/conf-bad-pin.wav";

/// How callers are asked for the number of their meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompts {
    /// Fewest digits.
    pub least_digits: u32,
    /// Most digits.
    pub most_digits: u32,
    /// A call is hung up after this, counted from when it was answered; to the second.
    pub longest_call: Option<Duration>,
}

/// What is to become of a call. Its texts come from outside, as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialplan<'a> {
    /// It is none of ours.
    NotFound,
    /// The caller is welcomed and asked for the number of a meeting.
    Prompt {
        /// The number that was called.
        destination: &'a str,
    },
    /// No meeting has the number that the caller entered: another one is asked for.
    PromptAgain {
        /// The number that was called.
        destination: &'a str,
    },
    /// The caller joins a meeting.
    Bridge {
        /// The number that was called.
        destination: &'a str,
        /// `meetingID`.
        meeting_id: &'a str,
        /// The name to show for the caller.
        caller_id: &'a str,
        /// The number that the caller entered.
        pin: &'a str,
        /// The host of the meeting's server; an IPv6 address in brackets.
        host: &'a str,
    },
}

impl Dialplan<'_> {
    /// The answer to FreeSWITCH. Each action stands on a line of its own: lines that look like a directive of
    /// FreeSWITCH's preprocessor are dropped by it.
    #[must_use]
    pub fn to_xml(&self, prompts: Prompts) -> String {
        let mut writer = Writer::new_with_indent(Vec::with_capacity(1024), b' ', 2);
        let document = writer.create_element("document").with_attribute(("type", "freeswitch/xml"));
        // Writing to memory cannot fail.
        let _ = document.write_inner_content(|document| match self.extension() {
            None => not_found(document),
            Some(extension) => {
                let section = document.create_element("section").with_attribute(("name", "dialplan"));
                let section = section.with_attribute(("description", extension.description));
                section.write_inner_content(|section| self.context(section, &extension, prompts)).map(drop)
            }
        });
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn extension(&self) -> Option<Extension<'_>> {
        let (destination, name, description) = match *self {
            Self::NotFound => return None,
            Self::Prompt { destination } => {
                (destination, "match_did_and_prompt_for_pin", "Match DID and Pin for Conference")
            }
            Self::PromptAgain { destination } => {
                (destination, "reprompt_for_pin", "Reprompt Pin for Conference")
            }
            Self::Bridge { destination, .. } => {
                (destination, "bridge_to_bbb_server", "Bridge Call to BBB Server")
            }
        };
        Some(Extension { destination, name, description })
    }

    fn context(&self, section: &mut Xml, extension: &Extension<'_>, prompts: Prompts) -> io::Result<()> {
        let number = escape::regex(extension.destination);
        let context = section.create_element("context").with_attribute(("name", CONTEXT));
        context.write_inner_content(|context| {
            let element = context.create_element("extension").with_attribute(("name", extension.name));
            let condition = |element: &mut Xml| {
                let condition = element.create_element("condition");
                let condition = condition.with_attribute(("field", "destination_number"));
                let condition = condition.with_attribute(("expression", number.as_str()));
                condition.write_inner_content(|actions| self.actions(actions, prompts)).map(drop)
            };
            element.write_inner_content(condition).map(drop)
        })?;
        Ok(())
    }

    fn actions(&self, xml: &mut Xml, prompts: Prompts) -> io::Result<()> {
        match *self {
            Self::NotFound => Ok(()),
            Self::Prompt { .. } => {
                act(xml, "answer", None)?;
                if let Some(longest) = prompts.longest_call {
                    act(xml, "sched_hangup", Some(&format!("+{} normal_clearing", longest.as_secs())))?;
                }
                act(xml, "sleep", Some("500"))?;
                act(xml, "playback", Some("ivr/ivr-welcome.wav"))?;
                act(xml, "sleep", Some("200"))?;
                ask(xml, prompts)
            }
            Self::PromptAgain { .. } => {
                act(xml, "playback", Some(REFUSE))?;
                act(xml, "sleep", Some("500"))?;
                ask(xml, prompts)
            }
            Self::Bridge { meeting_id, caller_id, pin, host, .. } => {
                act(xml, "set", Some(&format!("meeting_id={}", escape::twice(meeting_id))))?;
                let name = escape::twice(caller_id);
                act(xml, "set", Some(&format!("effective_caller_id_name={name}")))?;
                let to = format!("sofia/external/{}@{}", escape::once(pin), escape::once(host));
                act(xml, "bridge", Some(&to))
            }
        }
    }
}

type Xml = Writer<Vec<u8>>;

struct Extension<'a> {
    destination: &'a str,
    name: &'static str,
    description: &'static str,
}

fn not_found(document: &mut Xml) -> io::Result<()> {
    let section = document.create_element("section").with_attribute(("name", "result"));
    section.write_inner_content(|section| {
        section.create_element("result").with_attribute(("status", "not found")).write_empty().map(drop)
    })?;
    Ok(())
}

/// Asks for a number and then for the dialplan of what was entered, which brings the variable `pin` along.
fn ask(xml: &mut Xml, prompts: Prompts) -> io::Result<()> {
    let Prompts { least_digits, most_digits, .. } = prompts;
    let digits = format!("{least_digits} {most_digits} {TRIES_AND_TIME} # {ASK} {REFUSE} pin \\d+");
    act(xml, "play_and_get_digits", Some(&digits))?;
    act(xml, "transfer", Some(&format!("${{pin}} XML {CONTEXT}")))
}

fn act(xml: &mut Xml, application: &str, data: Option<&str>) -> io::Result<()> {
    let mut action = xml.create_element("action").with_attribute(("application", application));
    if let Some(data) = data {
        action = action.with_attribute(("data", data));
    }
    action.write_empty().map(drop)
}
