//! `status --watch`: the table again and again, until Ctrl-C. In a terminal it is drawn over, elsewhere it is printed once
//! per interval.

use std::io::{self, IsTerminal};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::termios::tcgetwinsize;
use scalelite_core::pool::server::Server;
use scalelite_core::shutdown;
use scalelite_core::state::{Histories, StateError};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::status_frame::{Frame, Size};
use super::{Context, TaskError};
use crate::output::Output;

/// A live state that is there answers well within this.
const PATIENCE: Duration = Duration::from_secs(5);

/// The alternate screen, without a cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// To the first line; what is left of a line, or of the screen, is cleared behind what was written.
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// `status --watch`
pub(super) async fn watch(context: &mut Context, every: Duration) -> Result<(), TaskError> {
    let shutdown = shutdown::on_signal()?;
    let in_terminal = io::stdout().is_terminal();
    if in_terminal {
        context.out.text(ENTER)?;
    }
    let shown = tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        shown = show_again_and_again(context, every, in_terminal) => shown,
    };
    if in_terminal {
        context.out.text(LEAVE)?;
        context.out.flush()?;
    }
    Ok(shown?)
}

async fn show_again_and_again(context: &mut Context, every: Duration, in_terminal: bool) -> io::Result<()> {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut frame = Frame { every, ..Frame::default() };
    while !context.out.is_unread() {
        ticks.tick().await;
        frame.now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        match look(context).await {
            Ok((servers, histories)) => {
                frame.trouble = None;
                (frame.servers, frame.histories) = (servers, histories);
            }
            // What was seen last stays.
            Err(why) => frame.trouble = Some(why),
        }
        match in_terminal {
            true => draw(&mut context.out, &frame.lines(Some(size())))?,
            false => {
                frame.lines(None).iter().try_for_each(|line| context.out.line(line))?;
                context.out.line("")?;
            }
        }
        context.out.flush()?;
    }
    Ok(())
}

async fn look(context: &Context) -> Result<(Vec<Server>, Histories), String> {
    let look = async {
        let servers = context.state.servers().await?;
        Ok::<_, StateError>((servers, context.state.histories().await?))
    };
    match timeout(PATIENCE, look).await {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {PATIENCE:?}")),
    }
}

fn draw(out: &mut Output, lines: &[String]) -> io::Result<()> {
    let text = lines.join(&format!("{REST_OF_LINE}\n"));
    out.text(format_args!("{HOME}{text}{REST_OF_LINE}{REST_OF_SCREEN}"))
}

/// The terminal's size, or what is usual where it does not tell.
fn size() -> Size {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
            Size { columns: size.ws_col.into(), rows: size.ws_row.into() }
        }
        _ => Size { columns: 80, rows: 24 },
    }
}
