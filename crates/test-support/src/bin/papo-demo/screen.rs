//! Two columns in a terminal: the customer's phone and the attendant's screen, with the seconds
//! since the beginning.

use std::time::Instant;

/// Of each column, in cells of the terminal.
const WIDTH: usize = 46;

#[derive(Debug)]
pub(crate) struct Screen {
    began: Instant,
}

impl Screen {
    pub(crate) fn open() -> Self {
        println!(
            " {:>7}  {}   Attendant's screen",
            "",
            fit("Customer's phone", WIDTH)
        );
        Self {
            began: Instant::now(),
        }
    }

    pub(crate) fn heading(&self, name: &str) {
        let line = "─".repeat(2 * WIDTH - name.chars().count() + 10);
        println!("── {name} {line}");
    }

    pub(crate) fn left(&self, text: &str) {
        let mut time = self.time();
        for line in lines(text) {
            println!(" {time:>7}  {} │", fit(&line, WIDTH));
            time.clear();
        }
    }

    pub(crate) fn right(&self, text: &str) {
        let mut time = self.time();
        for line in lines(text) {
            println!(" {time:>7}  {} │ {line}", fit("", WIDTH));
            time.clear();
        }
    }

    /// Seconds since the beginning.
    pub(crate) fn time(&self) -> String {
        format!("{:.2} s", self.began.elapsed().as_secs_f64())
    }
}

/// The text in lines of at most the column's width, broken between words.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && cells(&line) + 1 + cells(word) > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The text, filled up with spaces.
fn fit(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(cells(text))))
}

/// How wide a terminal shows it: pictures take two cells, what only changes them none.
fn cells(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{200d}' | '\u{fe0f}' | '\u{300}'..='\u{36f}' => 0,
            '\u{1f300}'.. => 2,
            _ => 1,
        })
        .sum()
}
