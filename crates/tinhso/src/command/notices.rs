//! `tinhso notices`: tries a channel before people wait for a message, checks the set-up, prints what Zalo has to approve,
//! makes the key of web push. It sends nothing but the one test message that it is asked for.

use crate::app::notices;
use crate::cli::{NoticesAction, Place};
use crate::console::say;
use crate::place::open_store;
use crate::province::Province;
use crate::world::RealWorld;
use crate::{Config, Error};
use identity::{Identity, IdentityConfig};
use kernel::Lang;
use notice::channel::push::vapid::Signer;
use notice::{Channel, Notices, TestAddress};
use std::path::Path;
use store::Mode;

/// Runs the command. It reads beside a running server and writes nothing into the province.
/// # Errors
/// What is faulty, with its key; what the server of the channel answered.
pub async fn run(place: &Place, action: NoticesAction) -> Result<(), Error> {
    if let NoticesAction::PushKey { out } = action {
        return push_key(&out);
    }
    let config = place.configuration()?;
    let store = open_store(&config, Mode::Beside).await?;
    let notices = open(&config, &store).await?;
    let done = match action {
        NoticesAction::Check => {
            check(&notices);
            Ok(())
        }
        NoticesAction::Test { channel, to, lang } => test(&notices, channel, &to, lang).await,
        NoticesAction::Templates { channel } => {
            templates(&notices, channel);
            Ok(())
        }
        NoticesAction::PushKey { .. } => Ok(()),
    };
    store.close().await;
    done
}

async fn open(config: &Config, store: &store::Store) -> Result<Notices, Error> {
    let province = Province::find(&config.province)?;
    let origin = config.base_url();
    let settings = IdentityConfig {
        secure: origin.starts_with("https://"),
        origin,
        issuer: province.name.vi.clone(),
        providers: Vec::new(),
    };
    let identity = Identity::open(store.clone(), store.world().clone(), settings).await?;
    notices(config, &province, &identity)
}

fn check(notices: &Notices) {
    let events = notices.templates().events().count();
    say(format_args!("{events} kinds of event, their templates sound"));
    if notices.lines().is_empty() {
        say("no channel is set up: people are told on the pages alone");
    }
    for line in notices.lines() {
        let limits = &line.limits;
        let day = limits.per_day_dong_max.map_or_else(
            || "no cap a day".to_owned(),
            |most| format!("at most {most} đồng a day"),
        );
        say(format_args!(
            "{}: {} đồng a message, {day}, at most {} a minute",
            line.channel, limits.cost_dong, limits.per_minute_max
        ));
    }
    let zalo = notices.config().zalo.as_ref();
    let told_by_zalo = notices
        .templates()
        .events()
        .filter(|event| event.channels.contains(&Channel::Zalo));
    for event in told_by_zalo.filter(|event| zalo.is_some_and(|zalo| !zalo.templates.contains_key(&event.kind))) {
        say(format_args!(
            "zalo: no approved template for {}: it is told by SMS instead",
            event.kind
        ));
    }
}

async fn test(notices: &Notices, channel: Channel, to: &str, lang: Lang) -> Result<(), Error> {
    let address = match channel {
        Channel::Email => to
            .parse()
            .map(TestAddress::Email)
            .map_err(|_| "--to is no e-mail address"),
        Channel::Sms | Channel::Zalo => to
            .parse()
            .map(TestAddress::Phone)
            .map_err(|_| "--to is no telephone number"),
        Channel::Push | Channel::Letter => {
            Err("only email, sms and zalo can be tried from here; turn push on at /notices/settings")
        }
    };
    let address = address.map_err(|why| Error::Config(why.to_owned()))?;
    match notices.test(channel, address, lang).await {
        Ok(Ok(accepted)) => {
            let id = accepted.provider_id.unwrap_or_else(|| "none".to_owned());
            say(format_args!(
                "accepted by the server; its id: {id}. Accepted is not delivered: look whether it came"
            ));
            Ok(())
        }
        Ok(Err(fault)) => Err(Error::Found(format!("not sent: {fault}"))),
        Err(notice::NoticeError::NotSetUp) => Err(Error::Config(format!(
            "{channel} is not set up: see [notices.{channel}] in docs/notices.md"
        ))),
        Err(error) => Err(Error::Config(error.to_string())),
    }
}

fn templates(notices: &Notices, channel: Channel) {
    for event in notices
        .templates()
        .events()
        .filter(|event| event.channels.contains(&channel))
    {
        let names: Vec<String> = event
            .parameters
            .iter()
            .map(|(name, holds)| format!("{name} ({holds})"))
            .collect();
        say(format_args!("{}: {}", event.kind, names.join(", ")));
        for lang in Lang::ALL {
            let words = event.words(lang);
            let text = match channel {
                Channel::Sms => words.sms.clone(),
                Channel::Zalo => words.zalo.clone(),
                Channel::Push => format!("{} / {}", words.title, words.push),
                Channel::Email | Channel::Letter => format!("{}\n{}\n{}", words.title, words.body, words.next),
            };
            say(format_args!("  {lang}: {text}"));
        }
    }
}

fn push_key(out: &Path) -> Result<(), Error> {
    if out.exists() {
        return Err(Error::Found(format!(
            "{} exists; browsers that listen know its key, so it is not replaced",
            out.display()
        )));
    }
    let key = Signer::make(&RealWorld::new());
    crate::file::replace(out, key.as_bytes(), 0o600)?;
    say(format_args!(
        "the key of web push is in {}; name it as notices.push.key_file",
        out.display()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("push.key");
        push_key(&path).unwrap();
        let key = std::fs::read_to_string(&path).unwrap();
        assert_eq!(Signer::read(&key, "mailto:a@b.example").unwrap().public_key().len(), 87);
        assert!(push_key(&path).unwrap_err().to_string().contains("exists"));
    }
}
