//! The configuration: nothing is sound, and every fault is told with its key.
//! Secrets are short and there.

use super::*;

fn read(text: &str) -> Config {
    toml::from_str(text).unwrap()
}

#[test]
fn nothing_is_a_sound_configuration() {
    let config = read("");
    assert_eq!(config, Config::default());
    assert_eq!(config.check(), Ok(()));
    let written = toml::to_string(&config).unwrap();
    assert_eq!(read(&written), config);
}

#[test]
fn every_fault_is_told_with_its_key() {
    let config = read(
        r#"
        [email]
        host = "mail.hatinh.example"
        encryption = "none"
        from = "nobody"
        user = "tinhso"
        limits = { per_minute_max = 0 }
        [sms]
        url = "http://gateway.example/send"
        body = "{}"
        templates = { "dossier.received" = "1" }
        accepted = { pointer = "code" }
        limits = { cost_dong = 750, per_day_dong_max = 100 }
        report = { secret_file = "x", id_pointer = "/id", state_pointer = "state", delivered = [], failed = [] }
        [push]
        key_file = "push.key"
        contact = "vanhanh@hatinh.example"
        services = []
        "#,
    );
    let faults = config.check().unwrap_err();
    for expected in [
        "notices.email.encryption",
        "notices.email.user",
        "notices.email.from",
        "notices.email.limits.per_minute_max",
        "notices.sms.url",
        "notices.sms.templates",
        "notices.sms.accepted.values",
        "notices.sms.limits.per_day_dong_max",
        "notices.sms: \"code\"",
        "notices.sms: \"state\"",
        "notices.sms.report needs accepted.id_pointer",
        "notices.sms.report.delivered",
        "notices.push.contact",
        "notices.push.services",
    ] {
        assert!(
            faults.iter().any(|fault| fault.starts_with(expected)),
            "{expected}: {faults:#?}"
        );
    }
    assert_eq!(faults.len(), 14, "{faults:#?}");
}

#[test]
fn secrets_are_short_and_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    assert!(secret(&path).unwrap_err().contains("secret"));
    std::fs::write(&path, "\n").unwrap();
    assert!(secret(&path).unwrap_err().contains("empty"));
    std::fs::write(&path, "x".repeat(5_000)).unwrap();
    assert!(secret(&path).unwrap_err().contains("at most"));
    std::fs::write(&path, " key \n").unwrap();
    assert_eq!(*secret(&path).unwrap(), "key");
}
