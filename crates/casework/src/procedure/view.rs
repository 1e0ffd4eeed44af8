//! What the pages about procedures look like: the list, the search results, and the page that answers "what do I need, what
//! does it cost, when will I have it, where, what do I get" before it asks anything.
//! Refuses to invent: what the source does not say is shown as "no data".

use kernel::calendar::{Deadline, TimeLimit};
use kernel::{Bilingual, Lang};
use maud::{Markup, html};
use web::Shell;
use web::components::{self, ButtonKind, Crumb, Fact};
use web::format;
use web::table::{encode, pagination};

use super::search::{Hits, Query, SectorCount};
use super::{Channel, ChannelKind, Component, ComponentSource, LegalBasis, Procedure, Summary, Tier};

/// Text in the language it has, marked up when that is not the page's.
pub(crate) fn words(lang: Lang, text: &Bilingual) -> Markup {
    let own = text.lang_of(lang);
    html! { @if own == lang { (text.get(lang)) } @else { span lang=(own.tag()) { (text.get(lang)) } } }
}

/// Text of the catalogue, which is Vietnamese.
pub(crate) fn vietnamese(lang: Lang, text: &str) -> Markup {
    html! { @if lang == Lang::Vi { (text) } @else { span lang="vi" { (text) } } }
}

/// Letters of a procedure's name that lists and titles show. Some names are a page long; the whole one stands on the
/// procedure's own page and on the receipt.
pub(crate) const NAME_SHOWN: usize = 160;

/// The name of a procedure as a dossier carries it, which is Vietnamese, for lists and titles.
pub(crate) fn brief(lang: Lang, name: &str) -> Markup {
    vietnamese(lang, &shorten(name, NAME_SHOWN))
}

/// As [`brief`], for a name in both languages.
fn brief_words(lang: Lang, name: &Bilingual) -> Markup {
    let (own, short) = (name.lang_of(lang), shorten(name.get(lang), NAME_SHOWN));
    html! { @if own == lang { (short) } @else { span lang=(own.tag()) { (short) } } }
}

pub(crate) fn tier(shell: &Shell, tier: Tier) -> String {
    shell.text(match tier {
        Tier::Ministry => "procedure-tier-ministry",
        Tier::Province => "procedure-tier-province",
        Tier::Commune => "procedure-tier-commune",
        Tier::Other => "procedure-tier-other",
    })
}

pub(crate) fn fee_words(shell: &Shell, channel: Option<&Channel>) -> String {
    let Some(channel) = channel else {
        return shell.text("procedure-no-data");
    };
    match channel.fees.as_slice() {
        [] => shell.text("procedure-no-data"),
        [one] => one.amount.map_or_else(
            || shell.text("procedure-fee-varies"),
            |amount| format::fee(shell.lang, amount),
        ),
        many => match many.iter().filter_map(|fee| fee.amount).min() {
            Some(least) => shell.text_with("procedure-fee-from", &[("fee", format::dong(shell.lang, least).into())]),
            None => shell.text("procedure-fee-varies"),
        },
    }
}

/// One line under a procedure's name in lists and cards: fee, time, papers.
pub(crate) fn summary_line(shell: &Shell, row: &Summary) -> String {
    let mut parts = Vec::new();
    if let Some(fee) = row.fee {
        parts.push(format::fee(shell.lang, fee));
    }
    if let Some(time) = row.time {
        parts.push(time.text(shell.lang));
    }
    if row.components > 0 {
        parts.push(shell.text_with("procedure-papers", &[("n", i64::from(row.components).into())]));
    }
    if parts.is_empty() {
        row.sector.get(shell.lang).to_owned()
    } else {
        parts.join(" · ")
    }
}

/// The rows of results, exchanged as one types. `query` is kept in the links to other pages.
pub(crate) fn results(shell: &Shell, query: &Query, hits: &Hits<'_>) -> Markup {
    let total = i64::try_from(hits.total).unwrap_or(i64::MAX);
    html! {
        div #results aria-live="polite" {
            @if hits.total == 0 {
                (components::empty(&shell.text("procedure-none"), Some(("/procedures", &shell.text("procedure-all")))))
            } @else {
                p.small.muted { (shell.text_with("procedure-found", &[("n", total.into())])) }
                ul.kept-files {
                    @for row in &hits.rows {
                        li {
                            a href=(address(row)) { (brief_words(shell.lang, row.title())) }
                            @if row.is_online() { " " (components::tag(web::components::Tone::Ok, &shell.text("procedure-online"))) }
                            p.small.muted { (summary_line(shell, row)) " · " (words(shell.lang, &row.sector)) " · " span.num.whole { (row.code) } }
                        }
                    }
                }
                (pages(shell, query, hits))
            }
        }
    }
}

pub(crate) fn address(row: &Summary) -> String {
    format!("/procedures/{}", row.code)
}

fn pages(shell: &Shell, query: &Query, hits: &Hits<'_>) -> Markup {
    let number = |page: usize| u32::try_from(page).unwrap_or(u32::MAX);
    let at = |page: u32| format!("/procedures?{}", query_string(query, page));
    html! {
        @if hits.pages > 1 { (pagination(shell.lang, number(hits.page), number(hits.pages), at)) }
    }
}

fn query_string(query: &Query, page: u32) -> String {
    let mut parts = vec![format!("q={}", encode(&query.text))];
    if let Some(sector) = &query.sector {
        parts.push(format!("sector={}", encode(sector)));
    }
    if let Some(tier) = query.tier {
        parts.push(format!("tier={}", tier_word(tier)));
    }
    if query.online {
        parts.push("online=yes".to_owned());
    }
    parts.push(format!("page={page}"));
    parts.join("&")
}

pub(crate) const fn tier_word(tier: Tier) -> &'static str {
    match tier {
        Tier::Ministry => "ministry",
        Tier::Province => "province",
        Tier::Commune => "commune",
        Tier::Other => "other",
    }
}

/// The page of all procedures: search, filters, results, sectors.
pub(crate) fn list(shell: &Shell, query: &Query, hits: &Hits<'_>, sectors: &[SectorCount]) -> Markup {
    let browsing = query.text.trim().is_empty() && query.sector.is_none() && query.page <= 1;
    html! {
        h1 { (shell.text("procedure-list-title")) }
        (components::search_box(shell.lang, "/procedures", "q", &shell.text("procedure-search"),
            &shell.text("procedure-search-example"), &query.text, Some("results")))
        form.bar method="get" action="/procedures" {
            input type="hidden" name="q" value=(query.text);
            div {
                label for="sector" { (shell.text("procedure-sector")) }
                select #sector name="sector" {
                    option value="" { (shell.text("procedure-all-sectors")) }
                    @for sector in sectors {
                        option value=(sector.slug) selected[query.sector.as_ref() == Some(&sector.slug)] {
                            (sector.name.get(shell.lang)) " (" (sector.count) ")"
                        }
                    }
                }
            }
            div {
                label for="tier" { (shell.text("procedure-tier")) }
                select #tier name="tier" {
                    option value="" { (shell.text("procedure-all-tiers")) }
                    @for one in [Tier::Commune, Tier::Province, Tier::Ministry, Tier::Other] {
                        option value=(tier_word(one)) selected[query.tier == Some(one)] { (tier(shell, one)) }
                    }
                }
            }
            div.row { button.btn.quiet { (shell.text("procedure-filter")) } }
        }
        (results(shell, query, hits))
        @if browsing {
            h2 { (shell.text("procedure-by-sector")) }
            ul.kept-files.grid {
                @for sector in sectors {
                    li { a href={ "/procedures?sector=" (sector.slug) } { (words(shell.lang, &sector.name)) } " " span.muted.num { (sector.count) } }
                }
            }
        }
    }
}

/// What the page of one procedure shows besides the procedure.
pub(crate) struct About<'a> {
    pub(crate) procedure: &'a Procedure,
    pub(crate) version: i64,
    pub(crate) due: Option<(TimeLimit, Deadline)>,
    pub(crate) filing: Filing,
    pub(crate) qr: Markup,
    /// Earlier and coming versions with their days.
    pub(crate) versions: Markup,
}

/// What the button on the page does.
pub(crate) enum Filing {
    /// Begin here.
    Here,
    /// Filing is the national portal's; its address.
    Portal(String),
    /// This procedure is not filed on line.
    DeskOnly,
    /// A version that is shown for reading: nobody files under it from its page.
    None,
}

/// The page of one procedure.
pub(crate) fn page(shell: &Shell, about: &About<'_>) -> Markup {
    let procedure = about.procedure;
    let lang = shell.lang;
    html! {
        h1 class=[components::title_class(procedure.title().get(lang))] { (brief_words(lang, procedure.title())) }
        @if procedure.short_name.is_some() {
            p.lead { (words(lang, &procedure.name)) }
        } @else if procedure.name.get(lang).chars().count() > NAME_SHOWN {
            (components::details(&shell.text("procedure-full-name"), &html! { p { (words(lang, &procedure.name)) } }))
        }
        (components::facts(&facts(shell, about)))
        div.two {
            div {
                h2.first { (shell.text("procedure-need")) }
                (papers(shell, &procedure.components))
                h2 { (shell.text("procedure-steps")) }
                (steps(shell, about))
                @if !procedure.conditions.is_empty() {
                    h2 { (shell.text("procedure-conditions")) }
                    @for text in &procedure.conditions { p { (vietnamese(lang, text)) } }
                }
                h2 { (shell.text("procedure-channels")) }
                (channels(shell, &procedure.channels))
                (components::details(&shell.text("procedure-full-steps"), &html! {
                    @if procedure.steps.is_empty() { p { (shell.text("procedure-no-data")) } }
                    @for text in &procedure.steps { p.kept { (vietnamese(lang, text)) } }
                }))
                (components::details(&shell.text("procedure-basis"), &basis(shell, &procedure.legal_basis)))
                p.small.muted { (origin(shell, about)) }
                (about.versions)
            }
            @if !matches!(about.filing, Filing::None) { (aside(shell, about)) }
        }
    }
}

fn facts(shell: &Shell, about: &About<'_>) -> Vec<Fact> {
    let procedure = about.procedure;
    let lang = shell.lang;
    let main = procedure.main_channel();
    let fee = Fact::new(shell.text("procedure-fact-fee"), fee_words(shell, main));
    let desk = procedure.channel(ChannelKind::Desk);
    let fee = match (main.and_then(Channel::single_fee), desk.and_then(Channel::single_fee)) {
        (Some(online), Some(at_desk)) if online != at_desk => {
            fee.more(shell.text_with("procedure-fee-at-desk", &[("fee", format::fee(lang, at_desk).into())]))
        }
        _ => fee,
    };
    let when = match &about.due {
        Some((limit, due)) => {
            let day = format::long_date(lang, due.at.local_date());
            let key = if due.confirmed {
                "procedure-if-today"
            } else {
                "procedure-if-today-unconfirmed"
            };
            Fact::new(shell.text("procedure-fact-when"), day)
                .more(shell.text_with(key, &[("limit", limit.text(lang).into())]))
        }
        None => {
            let text = main
                .map(|channel| channel.time_text.trim())
                .filter(|text| !text.is_empty());
            let shown = text.map_or_else(|| shell.text("procedure-no-data"), str::to_owned);
            Fact::new(shell.text("procedure-fact-when"), shown)
        }
    };
    let place = procedure
        .tiers
        .iter()
        .map(|&one| tier(shell, one))
        .collect::<Vec<_>>()
        .join(", ");
    let place = Fact::new(shell.text("procedure-fact-where"), place).more(shell.text("procedure-any-desk"));
    let result = procedure
        .results
        .first()
        .map_or_else(|| shell.text("procedure-no-data"), |text| shorten(text, 80));
    let result = Fact::new(shell.text("procedure-fact-result"), result);
    vec![fee, when, place, result]
}

/// The text, or its first words and an ellipsis.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.trim_end_matches('.').to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}

fn papers(shell: &Shell, components: &[Component]) -> Markup {
    let lang = shell.lang;
    let mut cases: Vec<Option<&str>> = Vec::new();
    for paper in components {
        if !cases.contains(&paper.case.as_deref()) {
            cases.push(paper.case.as_deref());
        }
    }
    html! {
        @if components.is_empty() { p { (shell.text("procedure-no-papers")) } }
        @for case in cases {
            @if let Some(case) = case { h3 { (vietnamese(lang, case)) } }
            ul {
                @for paper in components.iter().filter(|paper| paper.case.as_deref() == case) {
                    li {
                        (words(lang, &paper.name))
                        @match paper.source {
                            ComponentSource::Form => { " " span.muted { (shell.text("procedure-paper-form")) } },
                            ComponentSource::Register => { " " (components::tag(components::Tone::Ok, &shell.text("procedure-paper-known"))) },
                            ComponentSource::Upload => { (copies(shell, paper)) },
                        }
                        @if let Some(template) = &paper.template { " " span.small.muted { (shell.text_with("procedure-template", &[("name", template.as_str().into())])) } }
                    }
                }
            }
        }
    }
}

fn copies(shell: &Shell, paper: &Component) -> Markup {
    let words = match (paper.originals, paper.copies) {
        (0, 0) => return html! {},
        (originals, 0) => shell.text_with("procedure-originals", &[("n", i64::from(originals).into())]),
        (0, copies) => shell.text_with("procedure-copies", &[("n", i64::from(copies).into())]),
        (originals, copies) => shell.text_with(
            "procedure-originals-copies",
            &[
                ("originals", i64::from(originals).into()),
                ("copies", i64::from(copies).into()),
            ],
        ),
    };
    html! { " " span.muted { "(" (words) ")" } }
}

fn steps(shell: &Shell, about: &About<'_>) -> Markup {
    html! {
        ol {
            li { (shell.text(match about.filing {
                Filing::Here => "procedure-step-send",
                Filing::Portal(_) => "procedure-step-send-portal",
                Filing::DeskOnly | Filing::None => "procedure-step-send-desk",
            })) }
            li { (shell.text("procedure-step-check")) }
            li { (shell.text("procedure-step-result")) }
        }
    }
}

fn channels(shell: &Shell, channels: &[Channel]) -> Markup {
    let lang = shell.lang;
    html! {
        @if channels.is_empty() { p { (shell.text("procedure-no-data")) } } @else {
            div.scroll { table.stack {
                thead { tr { th scope="col" { (shell.text("procedure-channel")) } th scope="col" { (shell.text("procedure-channel-time")) } th scope="col" { (shell.text("procedure-channel-fee")) } } }
                tbody { @for channel in channels { tr {
                    th scope="row" { (channel_name(shell, channel.kind)) }
                    td data-l=(shell.text("procedure-channel-time")) {
                        @match channel.time { Some(time) => (time.text(lang)), None => @if channel.time_text.is_empty() { (shell.text("procedure-no-data")) } }
                        @if channel.time.is_none() && !channel.time_text.is_empty() { (vietnamese(lang, &channel.time_text)) }
                    }
                    td data-l=(shell.text("procedure-channel-fee")) {
                        @if channel.fees.is_empty() { (shell.text("procedure-no-data")) }
                        @for fee in &channel.fees { div {
                            @if let Some(amount) = fee.amount { (format::fee(lang, amount)) }
                            @if !fee.text.is_empty() { " " span.small.muted { (vietnamese(lang, &fee.text)) } }
                        } }
                        @if !channel.note.is_empty() { p.small.muted { (vietnamese(lang, &channel.note)) } }
                    }
                } } }
            } }
        }
    }
}

pub(crate) fn channel_name(shell: &Shell, kind: ChannelKind) -> String {
    shell.text(match kind {
        ChannelKind::Online => "procedure-channel-online",
        ChannelKind::Desk => "procedure-channel-desk",
        ChannelKind::Post => "procedure-channel-post",
    })
}

fn basis(shell: &Shell, grounds: &[LegalBasis]) -> Markup {
    let lang = shell.lang;
    html! {
        @if grounds.is_empty() { p { (shell.text("procedure-no-data")) } } @else {
            ul { @for ground in grounds { li {
                b { (vietnamese(lang, &ground.number)) }
                @if !ground.title.is_empty() { ": " (vietnamese(lang, &ground.title)) }
                @if ground.issued_on.is_some() || !ground.issuer.is_empty() {
                    span.small.muted {
                        " ("
                        (vietnamese(lang, &ground.issuer))
                        @if let Some(day) = ground.issued_on { @if !ground.issuer.is_empty() { ", " } (format::date(lang, day)) }
                        ")"
                    }
                }
            } } }
        }
    }
}

fn origin(shell: &Shell, about: &About<'_>) -> String {
    let procedure = about.procedure;
    shell.text_with(
        "procedure-origin",
        &[
            ("code", procedure.code.to_string().into()),
            ("version", about.version.into()),
            ("day", format::date(shell.lang, procedure.valid_from).into()),
            (
                "decision",
                if procedure.decision.is_empty() {
                    "–".into()
                } else {
                    procedure.decision.as_str().into()
                },
            ),
        ],
    )
}

fn aside(shell: &Shell, about: &About<'_>) -> Markup {
    let code = &about.procedure.code;
    html! {
        aside.card {
            @match &about.filing {
                Filing::Here => {
                    p { b { (shell.text("procedure-file-here")) } br; span.muted { (shell.text("procedure-file-here-hint")) } }
                    p { (components::button_link(ButtonKind::Main, &format!("/procedures/{code}/start"), &shell.text("procedure-start"))) }
                },
                Filing::Portal(href) => {
                    p { b { (shell.text("procedure-file-portal")) } br; span.muted { (shell.text("procedure-file-portal-hint")) } }
                    p { (components::button_link(ButtonKind::Main, href, &shell.text("procedure-go-portal"))) }
                },
                Filing::None => {},
                Filing::DeskOnly => {
                    p { b { (shell.text("procedure-file-desk")) } br; span.muted { (shell.text("procedure-file-desk-hint")) } }
                },
            }
            p.small { a href="/track" { (shell.text("procedure-track")) } }
            div.by-scan { (about.qr) p.small { (shell.text("procedure-qr")) } }
        }
    }
}

/// The way to a procedure's page.
pub(crate) fn crumbs(shell: &Shell, procedure: &Procedure) -> Vec<Crumb> {
    let sector = super::search::slug(&procedure.sector.vi);
    vec![
        Crumb::new("/procedures", shell.text("procedure-list-title")),
        Crumb::new(format!("/procedures?sector={sector}"), procedure.sector.get(shell.lang)),
    ]
}
