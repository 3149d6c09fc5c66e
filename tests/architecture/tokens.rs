//! Rust source as words: comments, literals and test code left out. Enough to see which paths a file names.

/// A word (identifier or one punctuation character) and the line that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub word: String,
    pub line: usize,
}

/// The words of a source text, without comments, strings and whatever `#[cfg(test)]` stands before.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    without_tests(&all_tokens(source))
}

/// The words of a source text, tests included.
pub(crate) fn all_tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    while at < text.len() {
        let end = end_of_word(&text, at);
        let word: String = text[at..end].iter().collect();
        if !is_silent(&word) {
            found.push(Token { word: word.clone(), line });
        }
        line += word.matches('\n').count();
        at = end;
    }
    found
}

/// Blanks, comments, and literals that hold text.
fn is_silent(word: &str) -> bool {
    let comment = word.starts_with("//") || word.starts_with("/*");
    comment || word.starts_with(char::is_whitespace) || word.contains('"') || word.starts_with('\'')
}

fn end_of_word(text: &[char], at: usize) -> usize {
    let next = |offset: usize| text.get(at + offset).copied().unwrap_or('\0');
    match text[at] {
        '/' if next(1) == '/' => end_while(text, at, |c| c != '\n'),
        '/' if next(1) == '*' => end_of_comment(text, at),
        '"' => end_of_string(text, at + 1),
        '\'' => end_of_quote(text, at),
        c if c.is_alphanumeric() || c == '_' => {
            let end = end_while(text, at, |c| c.is_alphanumeric() || c == '_');
            let prefix: String = text[at..end].iter().collect();
            match (prefix.as_str(), text.get(end)) {
                ("r" | "br" | "cr", Some('"' | '#')) => end_of_raw(text, end),
                ("b" | "c", Some('"')) => end_of_string(text, end + 1),
                ("b", Some('\'')) => end_of_quote(text, end),
                _ => end,
            }
        }
        _ => at + 1,
    }
}

fn end_while(text: &[char], at: usize, wanted: impl Fn(char) -> bool) -> usize {
    text[at..].iter().position(|c| !wanted(*c)).map_or(text.len(), |length| at + length)
}

/// Block comments nest.
fn end_of_comment(text: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn end_of_string(text: &[char], mut at: usize) -> usize {
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// `r"…"`, `r#"…"#`; a raw identifier (`r#type`) ends at once.
fn end_of_raw(text: &[char], at: usize) -> usize {
    let open = end_while(text, at, |c| c == '#');
    if text.get(open) != Some(&'"') {
        return at;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', open - at)).collect();
    let end = text[open + 1..].windows(close.len()).position(|window| window == close);
    end.map_or(text.len(), |length| open + 1 + length + close.len())
}

/// A character literal, or the tick of a lifetime.
fn end_of_quote(text: &[char], at: usize) -> usize {
    match (text.get(at + 1), text.get(at + 2)) {
        (Some('\\'), _) => {
            let close = text[(at + 3).min(text.len())..].iter().position(|c| *c == '\'');
            close.map_or(text.len(), |length| at + 4 + length)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        match end_of_test_mark(tokens, at) {
            Some(end) => at = end_of_item(tokens, end),
            None => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    kept
}

/// The modules that are declared for tests alone: `#[cfg(test)] mod name;`, `#[cfg(all(test, …))] mod name;`.
pub(crate) fn test_modules(source: &str) -> Vec<String> {
    let tokens = all_tokens(source);
    let declared = (0..tokens.len()).filter_map(|at| {
        let start = end_of_test_mark(&tokens, at)?;
        // There may be other attributes and a visibility before.
        let [.., keyword, name, last] = &tokens[start..end_of_item(&tokens, start)] else { return None };
        (keyword.word == "mod" && last.word == ";").then(|| name.word.clone())
    });
    declared.collect()
}

/// The end of an attribute that begins here and keeps an item for tests alone.
fn end_of_test_mark(tokens: &[Token], at: usize) -> Option<usize> {
    let starts = tokens[at..].iter().map(|token| token.word.as_str()).take(4).eq(["#", "[", "cfg", "("]);
    let length = tokens[at..].iter().position(|token| token.word == "]")?;
    let has = |word: &str| tokens[at..at + length].iter().any(|token| token.word == word);
    (starts && has("test") && !has("not") && !has("any")).then_some(at + length + 1)
}

/// The end of the item that begins here: its semicolon, or its closing brace.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, token) in tokens[start..].iter().enumerate() {
        match token.word.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.word.as_str(), "}" | ";") {
            return start + offset + 1;
        }
    }
    tokens.len()
}

/// Every path that begins with `root`, spelled out: `crate::{a::B, c}` gives `[a, B]` and `[c]`.
pub(crate) fn paths(tokens: &[Token], root: &str) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let inner = at >= 3 && is_separator(tokens, at - 2) && is_name(&tokens[at - 3]);
        if tokens[at].word == root && !inner && is_separator(tokens, at + 1) {
            spell_out(tokens, at + 3, &[], &mut found);
        }
    }
    found
}

/// A name before `::`; `use` there is none (`use ::name`).
fn is_name(token: &Token) -> bool {
    token.word != "use" && token.word.starts_with(|c: char| c.is_alphanumeric() || "_>".contains(c))
}

fn is_separator(tokens: &[Token], at: usize) -> bool {
    let is_colon = |at: usize| tokens.get(at).is_some_and(|token| token.word == ":");
    is_colon(at) && is_colon(at + 1)
}

/// Reads one path, or one group of paths, and returns where it ends.
fn spell_out(
    tokens: &[Token],
    mut at: usize,
    before: &[String],
    found: &mut Vec<(Vec<String>, usize)>,
) -> usize {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(at) {
        if token.word == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.word != "}") {
                at = spell_out(tokens, at, &path, found);
                at += usize::from(tokens.get(at).is_some_and(|token| token.word == ","));
            }
            return at + 1;
        }
        path.push(token.word.clone());
        at += 1;
        if !is_separator(tokens, at) {
            found.push((path, token.line));
            // What is renamed by `as` is of no interest.
            let renamed = tokens.get(at).is_some_and(|token| token.word == "as");
            return at + if renamed { 2 } else { 0 };
        }
        at += 2;
    }
    at
}
