//! A province inside the benchmark's own process, served on loopback: the real router, the real clock, one engine. In one
//! process so that sessions can be minted and the same disk be measured raw; every request still goes through a socket.

use std::net::SocketAddr;
use std::path::Path;

use casework::procedure::Tier;
use identity::Role;
use identity::account::admin::{By, NewOfficer, NewRole};
use identity::session::Level;
use identity::sign_in::claims::ClaimedIdentity;
use tinhso::{App, Config};

use crate::client::Client;
use crate::process::free_address;

/// Years of life are spread over these, so that personal numbers differ by more than their end.
const YEARS: std::ops::Range<u32> = 50..100;

/// A served province.
pub(crate) struct Province {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

/// A citizen's session as a browser holds it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// `Cookie: …` with its line end.
    pub(crate) cookie: String,
    /// The token of this session's forms.
    pub(crate) csrf: String,
}

/// What is filed: a procedure that every commune settles, and the agencies that do.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) procedure: String,
    pub(crate) agencies: Vec<String>,
    pub(crate) papers: usize,
}

impl Province {
    /// Makes and serves Hà Tĩnh in `folder`, on PostgreSQL when `database` names one.
    pub(crate) async fn serve(folder: &Path, database: Option<&str>) -> Result<Self, String> {
        Self::serve_with(folder, database, |_| {}).await
    }

    /// As [`Province::serve`], with something changed in its configuration.
    pub(crate) async fn serve_with(
        folder: &Path,
        database: Option<&str>,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self, String> {
        let address = free_address()?;
        let mut config = Config::for_data("ha-tinh", &folder.join("data"));
        config.database = database.map(str::to_owned);
        config.listen.address = address;
        change(&mut config);
        let store = tinhso::command::make::province(&config, None)
            .await
            .map_err(|error| error.to_string())?;
        let app = App::over(config, store).await.map_err(|error| error.to_string())?;
        let listener = tinhso::serve::take_port(address).map_err(|error| error.to_string())?;
        let served = app.clone();
        let server = tokio::spawn(async move {
            if let Err(error) = tinhso::serve::serve(served, listener).await {
                crate::say(&format!("the server stopped: {error}"));
            }
        });
        let province = Self { app, address, server };
        for _ in 0..500 {
            if Client::new(address)
                .get("/readyz", "")
                .await
                .is_ok_and(|answer| answer.status == 200)
            {
                return Ok(province);
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Err("the province does not get ready".to_owned())
    }

    /// Opens accounts of citizens and signs them in.
    pub(crate) async fn citizens(&self, count: u32) -> Result<Vec<Session>, String> {
        let claimed = (0..count).map(claimed).collect::<Result<Vec<_>, _>>()?;
        let mut sessions = Vec::with_capacity(claimed.len());
        for part in claimed.chunks(250) {
            let opened = self.app.identity.open_citizens(part).await;
            for (account, _) in opened.map_err(|error| error.to_string())? {
                sessions.push(self.session(account).await?);
            }
        }
        Ok(sessions)
    }

    async fn session(&self, account: identity::AccountId) -> Result<Session, String> {
        let token = self.app.identity.mint_session(account, Level::Oidc).await;
        let token = token.map_err(|error| error.to_string())?;
        let cookie = self.app.identity.session_cookie(&token);
        let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap_or(""));
        let page = Client::new(self.address).get("/", &cookie).await;
        let page = page.map_err(|error| error.to_string())?;
        let csrf = form_token(&String::from_utf8_lossy(&page.body)).ok_or("the front page carries no form token")?;
        Ok(Session { cookie, csrf })
    }

    /// An officer of the whole province, signed in: the line of her cookie.
    pub(crate) async fn officer(&self, login: &str, name: &str, role: Role) -> Result<String, String> {
        let identity = &self.app.identity;
        let book = identity.units();
        let root = book
            .root(self.app.casework.now().local_date())
            .ok_or("the province has no root")?;
        let new = NewOfficer {
            login: login.to_owned(),
            name: name.to_owned(),
            password: None,
            must_change: false,
            role: NewRole {
                role,
                unit: root.id,
                valid_from: None,
                valid_to: None,
                reason: "đo tốc độ".to_owned(),
            },
        };
        let opened = identity
            .open_officer(&By::System, new)
            .await
            .map_err(|error| error.to_string())?;
        let token = identity
            .mint_session(opened.account, Level::PasswordTotp)
            .await
            .map_err(|error| error.to_string())?;
        let cookie = identity.session_cookie(&token);
        Ok(format!("Cookie: {}\r\n", cookie.split(';').next().unwrap_or("")))
    }

    /// The most used procedure that communes settle online, with all its agencies.
    pub(crate) async fn target(&self) -> Result<Target, String> {
        let catalogue = self.app.casework.catalogue();
        let index = catalogue.index().await.map_err(|error| error.to_string())?;
        let book = self.app.identity.units();
        let day = self.app.casework.now().local_date();
        for summary in index
            .popular(1000)
            .filter(|one| one.is_online() && one.tiers.contains(&Tier::Commune))
        {
            let found = catalogue
                .find(&summary.code, None)
                .await
                .map_err(|error| error.to_string())?;
            let Some((procedure, _)) = found else { continue };
            let generic = casework::definitions::definition_of(&procedure.code).is_none()
                && procedure.form_or_generic() == casework::procedure::form::generic();
            let agencies: Vec<String> = casework::place::agencies(&book, &procedure, day)
                .iter()
                .map(|agency| agency.unit.to_string())
                .collect();
            if generic && agencies.len() > 10 {
                let papers = procedure.components.len();
                return Ok(Target {
                    procedure: summary.code.to_string(),
                    agencies,
                    papers,
                });
            }
        }
        Err("no procedure is settled online by communes".to_owned())
    }

    /// Stops serving and closes the store.
    pub(crate) async fn stop(self) {
        self.server.abort();
        let _ = self.server.await;
        self.app.store.close().await;
    }
}

fn claimed(at: u32) -> Result<ClaimedIdentity, String> {
    let year = YEARS.start + at % (YEARS.end - YEARS.start);
    let number = format!("0421{year}{at:06}");
    Ok(ClaimedIdentity {
        subject: format!("bench-{at}"),
        number: number.parse().map_err(|error| format!("{number}: {error}"))?,
        name: format!("Nguyễn Thị Thử {at}"),
        birth: jiff::civil::date(1900 + i16::try_from(year).unwrap_or(50), 5, 17),
        organisation: None,
    })
}

pub(crate) fn form_token(page: &str) -> Option<String> {
    let rest = page.split("name=\"_csrf\"").nth(1)?;
    rest.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)
}
