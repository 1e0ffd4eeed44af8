//! Licence expressions (SPDX 2.3, Annex D) held against a list of allowed licences: `OR` needs one side, `AND` needs
//! both, `WITH` an exception is one licence. The old slash between two means `OR`. Whether a licence is fit for this
//! program is decided in `deps.rs`, by people.

/// Whether `expression` can be met with licences for which `allowed` holds.
///
/// # Errors
/// The expression's fault in words.
pub(crate) fn is_allowed(expression: &str, allowed: impl Fn(&str) -> bool) -> Result<bool, String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        at: 0,
        allowed: &allowed,
    };
    let verdict = parser.either()?;
    match words.get(parser.at) {
        None => Ok(verdict),
        Some(word) => Err(format!("{expression:?}: {word:?} was not expected")),
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
    at: usize,
    allowed: &'a dyn Fn(&str) -> bool,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<bool, String> {
        let mut verdict = self.both()?;
        while self.take("OR") {
            verdict |= self.both()?;
        }
        Ok(verdict)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut verdict = self.one()?;
        while self.take("AND") {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let verdict = self.either()?;
            return if self.take(")") {
                Ok(verdict)
            } else {
                Err("a bracket is not closed".to_owned())
            };
        }
        let licence = self.word()?;
        if self.take("WITH") {
            let exception = self.word()?;
            return Ok((self.allowed)(&format!("{licence} WITH {exception}")));
        }
        Ok((self.allowed)(&licence))
    }

    fn word(&mut self) -> Result<String, String> {
        let word = self.words.get(self.at).ok_or("a licence is missing")?;
        self.at += 1;
        Ok((*word).to_owned())
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> Result<bool, String> {
        is_allowed(expression, |licence| {
            matches!(licence, "MIT" | "Apache-2.0" | "Apache-2.0 WITH LLVM-exception")
        })
    }

    #[test]
    fn expressions_are_evaluated() {
        for (expression, verdict) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("GPL-3.0/MIT", true),
            ("MIT AND (GPL-3.0 OR Apache-2.0)", true),
            ("GPL-3.0 OR MIT AND ISC", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
        ] {
            assert_eq!(check(expression), Ok(verdict), "{expression}");
        }
    }

    #[test]
    fn faulty_expressions_are_refused() {
        for expression in ["", "MIT OR", "(MIT", "MIT MIT", "MIT)"] {
            assert!(check(expression).is_err(), "{expression}");
        }
    }
}
