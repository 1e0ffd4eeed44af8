//! What a dossier costs: by the tariff in force, else by the definition of its procedure, else by the catalogue; the officer
//! who asks sees it and says how many and on which grounds less. Pure.
//! It refuses to guess an amount that no source names: then the officer types it with its legal basis.

use std::collections::{BTreeMap, BTreeSet};

use definition::expression::{Facts as Answers, Number, Value};
use definition::procedure::Channel as DefinedChannel;
use kernel::{Bilingual, Date, Dong};
use payment::bill::BillLine;
use payment::tariff::{Channel, CheckedTariff, Facts, TariffError, compute};
use serde_json::Value as Json;

use crate::definitions::Defined;
use crate::dossier::state::Entered;
use crate::dossier::{Content, Dossier};
use crate::procedure::{ChannelKind, Procedure};

/// What is known of a dossier's fee before an officer asks for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Proposal {
    /// A tariff is in force: the officer says grounds and quantities.
    Tariff(Box<CheckedTariff>),
    /// One amount, with what it is for and the text that says so; the officer may change it.
    Amount {
        /// What it is for.
        name: String,
        /// How much, where a source says so.
        amount: Option<Dong>,
        /// The text that says so.
        basis: String,
    },
    /// Nothing is to pay.
    Free,
}

/// How a dossier was filed, as tariffs tell it.
pub(crate) fn channel(dossier: &Dossier, content: &Content) -> Channel {
    match dossier.entered {
        _ if !content.post_item.is_empty() => Channel::Post,
        Entered::Officer => Channel::Desk,
        Entered::SelfFiled | Entered::Assisted => Channel::Online,
    }
}

/// What a dossier costs, as far as the sources say.
pub(crate) fn propose(
    tariff: Option<CheckedTariff>,
    defined: Option<&Defined>,
    procedure: Option<&Procedure>,
    content: &Content,
    channel: Channel,
    today: Date,
) -> Proposal {
    if let Some(tariff) = tariff {
        let is_free = tariff.tariff().fees.iter().all(|fee| {
            let own = match channel {
                Channel::Desk => None,
                Channel::Online => fee.online,
                Channel::Post => fee.post,
            };
            own.unwrap_or(fee.amount).is_zero()
        });
        return if is_free {
            Proposal::Free
        } else {
            Proposal::Tariff(Box::new(tariff))
        };
    }
    if let Some(fee) = defined.and_then(|defined| defined.procedure.fee.as_ref()) {
        let way = match channel {
            Channel::Online => DefinedChannel::Online,
            Channel::Desk => DefinedChannel::Desk,
            Channel::Post => DefinedChannel::Post,
        };
        let due = fee.due(way, &answers(content, today));
        let basis = defined
            .map(|defined| defined.procedure.basis.join("; "))
            .unwrap_or_default();
        return one(Some(due), String::new(), basis);
    }
    let Some(procedure) = procedure else {
        return one(None, String::new(), String::new());
    };
    let kind = match channel {
        Channel::Online => ChannelKind::Online,
        Channel::Desk => ChannelKind::Desk,
        Channel::Post => ChannelKind::Post,
    };
    let fees = procedure
        .channel(kind)
        .or_else(|| procedure.main_channel())
        .map_or(&[][..], |channel| channel.fees.as_slice());
    match fees {
        [] => one(None, String::new(), String::new()),
        [only] => one(only.amount, only.text.clone(), procedure.decision.clone()),
        // Several fees stand beside one another as alternatives or sums: the source does not say which.
        several => one(
            None,
            several
                .iter()
                .map(|fee| fee.text.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            String::new(),
        ),
    }
}

fn one(amount: Option<Dong>, name: String, basis: String) -> Proposal {
    if amount == Some(Dong::ZERO) {
        return Proposal::Free;
    }
    Proposal::Amount { name, amount, basis }
}

/// What the applicant answered, as the definition's formulas ask for it. What is not known neither exempts nor reduces.
fn answers(content: &Content, today: Date) -> Answers {
    let mut facts = Answers::new(today);
    for (name, answer) in &content.answers {
        let text = match answer {
            Json::String(text) => text.as_str(),
            Json::Number(number) => {
                if let Some(number) = number.as_i64() {
                    facts.set(format!("form.{name}"), Value::Number(Number::whole(number)));
                }
                continue;
            }
            Json::Bool(yes) => {
                facts.set(format!("form.{name}"), Value::Bool(*yes));
                continue;
            }
            Json::Null | Json::Array(_) | Json::Object(_) => continue,
        };
        let value = match text {
            "yes" => Value::Bool(true),
            "no" => Value::Bool(false),
            _ => match (text.parse::<i64>(), text.parse::<Date>()) {
                (Ok(number), _) => Value::Number(Number::whole(number)),
                (_, Ok(day)) => Value::Date(day),
                _ => Value::Text(text.to_owned()),
            },
        };
        facts.set(format!("form.{name}"), value);
    }
    facts
}

/// The lines of a bill by a tariff.
///
/// # Errors
/// [`TariffError`] for a ground or a quantity that the tariff does not know.
pub(crate) fn by_tariff(
    tariff: &CheckedTariff,
    channel: Channel,
    grounds: BTreeSet<String>,
    quantities: BTreeMap<String, u32>,
    on: Date,
) -> Result<Vec<BillLine>, TariffError> {
    let facts = Facts {
        channel,
        grounds,
        quantities,
    };
    Ok(BillLine::of_charge(&compute(tariff, &facts, on)?))
}

/// The one line of a bill that an officer names.
pub(crate) fn by_hand(name: &str, amount: Dong, basis: &str) -> Vec<BillLine> {
    vec![BillLine::plain(Bilingual::vi(name.to_owned()), amount, basis)]
}
