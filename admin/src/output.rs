//! What the tasks print on standard output: lines, a table or JSON. Logs and errors go elsewhere, to
//! standard error.

use std::fmt::Display;
use std::io::{self, BufRead, ErrorKind, StdoutLock, Write};

use comfy_table::{Cell, CellAlignment, Table, presets};
use scalelite_core::printable::printable;
use serde::Serialize;

/// Standard output, locked for one task. Once its reader has gone away, the rest is dropped: a task goes on
/// with what it has to do.
#[derive(Debug)]
pub(crate) struct Output {
    writer: StdoutLock<'static>,
    unread: bool,
}

impl Output {
    /// The process's standard output.
    pub(crate) fn stdout() -> Self {
        Self { writer: io::stdout().lock(), unread: false }
    }

    /// Prints a line; white space within it stays as it is.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        self.attempt(|writer| writeln!(writer, "{text}"))
    }

    /// Prints a part of a line.
    pub(crate) fn text(&mut self, text: impl Display) -> io::Result<()> {
        self.attempt(|writer| write!(writer, "{text}"))
    }

    /// Whether its reader has gone away.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread
    }

    /// Prints an array of objects.
    pub(crate) fn json<T: Serialize>(&mut self, objects: &[T]) -> io::Result<()> {
        let text = serde_json::to_string_pretty(objects)?;
        self.line(text)
    }

    /// Hands over what is still held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush)
    }

    fn attempt(&mut self, write: impl FnOnce(&mut StdoutLock<'static>) -> io::Result<()>) -> io::Result<()> {
        if self.unread {
            return Ok(());
        }
        match write(&mut self.writer) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.unread = true;
                Ok(())
            }
            result => result,
        }
    }

    /// Reads a line from standard input: whether it is `yes`. Nothing where the input ends without an answer.
    pub(crate) fn confirmed(&mut self) -> io::Result<Option<bool>> {
        self.flush()?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer)? == 0 {
            return Ok(None);
        }
        Ok(Some(answer.trim_end_matches(['\r', '\n']).eq_ignore_ascii_case("yes")))
    }
}

/// Prints a line on standard error. If nobody reads it, there is nobody to tell.
pub(crate) fn complain(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// How the cells of a column are aligned; its heading is always in the middle.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table without lines, a space on either side of each cell. A cell is one line, and tells the terminal nothing.
pub(crate) fn table(columns: &[(&str, Align)], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let heading = |(name, _): &(&str, Align)| Cell::new(name).set_alignment(CellAlignment::Center);
    table.set_header(columns.iter().map(heading));
    for row in rows {
        table.add_row(row.into_iter().zip(columns).map(|(text, (_, align))| {
            let align = match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            };
            Cell::new(printable(&text)).set_alignment(align)
        }));
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_no_lines() {
        let rows =
            [vec!["bbb1.example.com".to_owned(), "25.0".to_owned()], vec!["b".to_owned(), String::new()]];
        let table = table(&[("HOSTNAME", Align::Left), ("LOAD", Align::Right)], rows);
        assert_eq!(table, "     HOSTNAME      LOAD \n bbb1.example.com  25.0 \n b                      ");
    }

    #[test]
    fn cells_tell_the_terminal_nothing() {
        let rows = [vec!["3.0\u{1b}[2J\n".to_owned()]];
        assert_eq!(table(&[("V", Align::Left)], rows), "     V    \n 3.0\u{fffd}[2J\u{fffd} ");
    }
}
