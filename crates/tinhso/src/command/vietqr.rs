//! `tinhso vietqr`: the payload of a transfer, and the code on the terminal when asked for. It needs no province and
//! moves no money. Standard: EMVCo MPM 1.1 with the NAPAS247 template.

use crate::Error;
use crate::cli::VietqrArgs;
use crate::console::say;
use payment::vietqr::{Beneficiary, PurposeLimit, VietQr, purpose_of, text_blocks};

/// Runs the command.
/// # Errors
/// An amount or a purpose that no code can carry.
pub fn run(args: VietqrArgs) -> Result<(), Error> {
    let drawn = args.qr;
    let payload = payload(args)?;
    say(&payload);
    if drawn {
        say(text_blocks(&payload)?);
    }
    Ok(())
}

fn payload(args: VietqrArgs) -> Result<String, Error> {
    let bin = args.bin;
    let to = match (args.account, args.card) {
        (Some(number), _) => Beneficiary::Account { bin, number },
        (None, Some(number)) => Beneficiary::Card { bin, number },
        (None, None) => return Err(Error::Config("name an account or a card".to_owned())),
    };
    let mut code = VietQr::to(to);
    if let Some(amount) = args.amount {
        code = code.of_amount(amount);
    }
    if let Some(text) = &args.purpose {
        let purpose = purpose_of(text, PurposeLimit::STANDARD);
        code.purpose = Some(purpose.ok_or_else(|| {
            Error::Config(format!(
                "the purpose {text:?} has no letter or digit that a transfer can carry"
            ))
        })?);
    }
    Ok(code.encode(PurposeLimit::STANDARD)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn run_with(words: &[&str]) -> Result<String, String> {
        let line = ["tinhso", "vietqr"].iter().chain(words);
        let cli = Cli::try_parse_from(line).map_err(|error| error.to_string())?;
        let Command::Vietqr(args) = cli.command else {
            panic!("vietqr was asked for")
        };
        payload(args).map_err(|error| error.to_string())
    }

    #[test]
    fn the_vector_is_printed() {
        let words = ["--bin", "970436", "--account", "1017595600", "--amount", "150.000"];
        let words = [&words[..], &["--purpose", "Lệ phí H30.1-250701-0001"]].concat();
        let vector = "00020101021238540010A00000072701240006970436011010175956000208QRIBFTTA530370454061500005802VN62280824LE PHI H30.1-250701-000163049890";
        assert_eq!(run_with(&words).as_deref(), Ok(vector));
        let card = run_with(&["--bin", "970436", "--card", "9704361234567890"]).unwrap();
        assert!(card.contains("QRIBFTTC") && card.starts_with("000201010211"), "{card}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let table: [(&[&str], &str); 8] = [
            (&["--bin", "97043", "--account", "1"], "a bank's BIN is six digits"),
            (&["--bin", "970436", "--account", "1 2"], "1 to 19 letters and digits"),
            (&["--bin", "970436", "--card", "12"], "12 to 19 digits"),
            (&["--bin", "970436"], "--account <NUMBER>"),
            (
                &["--bin", "970436", "--account", "1", "--amount", "1.5"],
                "not a whole amount of đồng",
            ),
            (
                &["--bin", "970436", "--account", "1", "--amount", "0"],
                "the amount is 0 đồng",
            ),
            (
                &["--bin", "970436", "--account", "1", "--amount", "10000000000000"],
                "a code takes 1 to 9,999,999,999,999",
            ),
            (
                &["--bin", "970436", "--account", "1", "--purpose", "– 茶"],
                "no letter or digit",
            ),
        ];
        for (words, expected) in table {
            let error = run_with(words).expect_err(expected);
            assert!(error.contains(expected), "{words:?}: {error}");
        }
        // An amount that does not fit is a wrong argument like any other: the parser refuses it, with its exit code 2.
        let line = [
            "tinhso",
            "vietqr",
            "--bin",
            "970436",
            "--account",
            "1",
            "--amount",
            "10000000000000",
        ];
        assert_eq!(
            Cli::try_parse_from(line).map_err(|error| error.exit_code()).err(),
            Some(2)
        );
    }
}
