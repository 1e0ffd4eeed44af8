//! Features of all 903,461 real trees over OGC API, as everybody sees them: boxes of a street, a quarter and the city, and filters by a
//! field, as clients send them. Peers that serve the same data (`--peer NAME=http://HOST:PORT/PATH/items`) are asked the same in
//! the same run. The real file lies beside the repository and is not shipped; without it nothing is measured, and a line says so.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use identity::Role;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::client::Client;
use crate::province::Province;
use crate::register::{import, mended, real};
use crate::stats::{Latencies, Line};
use crate::tiles::approve;

/// Clients at once.
const CLIENTS: usize = 8;
/// Places and species that are asked for.
const SAMPLES: usize = 4_000;
/// Our own address of the trees.
const OWN: &str = "/ogc/collections/trees.tree/items";

/// A server that answers for the same trees.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    name: String,
    address: SocketAddr,
    path: String,
}

impl Peer {
    /// Reads `NAME=http://HOST:PORT/PATH`.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("--peer {text}: NAME=http://HOST:PORT/PATH is needed");
        let (name, url) = text.split_once("=http://").ok_or_else(wrong)?;
        let (host, path) = url.split_once('/').ok_or_else(wrong)?;
        Ok(Self {
            name: name.to_owned(),
            address: host.parse().map_err(|_| wrong())?,
            path: format!("/{path}"),
        })
    }
}

/// What is asked for.
struct Samples {
    places: Vec<[f64; 2]>,
    species: Vec<String>,
}

/// Measures on one engine, and the peers after it.
pub(crate) async fn measure(
    engine: &str,
    folder: &Path,
    database: Option<&str>,
    (time, peers): (Duration, &[Peer]),
) -> Result<Vec<Line>, String> {
    if !real().exists() {
        let why = "the real trees are not beside the repository";
        return Ok(vec![Line::plain("features", "left out", why)]);
    }
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let file = folder.join("trees.csv");
    let rows = mended(&file)?;
    let samples = Arc::new(samples(&file)?);
    let province = Province::serve(folder, database).await?;
    let cookie = province
        .officer("chuyenvien", "Chuyên viên tỉnh", Role::Specialist)
        .await?;
    import(engine, &province, &cookie, &file, rows).await?;
    approve(&province).await?;
    province.app.store.analyze().await.map_err(|error| error.to_string())?;
    let mut servers = vec![Peer {
        name: engine.to_owned(),
        address: province.address,
        path: OWN.to_owned(),
    }];
    servers.extend(peers.iter().cloned());
    let mut lines = Vec::new();
    for question in Question::ALL {
        let mut own = 0.0;
        for (at, server) in servers.iter().enumerate() {
            let (taken, per_second) = ask(server, &samples, question, time).await?;
            own = if at == 0 { per_second } else { own };
            let times = if at == 0 {
                String::new()
            } else {
                format!("{:.1} times as many here", own / per_second.max(0.01))
            };
            let what = format!("features {}, {}", question.words(), server.name);
            lines.push(Line::plain(
                &what,
                format!("{per_second:.0}/s, {}", taken.summary()),
                times,
            ));
        }
    }
    province.stop().await;
    Ok(lines)
}

fn samples(file: &Path) -> Result<Samples, String> {
    let mut reader = csv::Reader::from_path(file).map_err(|error| error.to_string())?;
    let (mut places, mut species) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let number = |at: usize| record.get(at).and_then(|text| text.parse::<f64>().ok());
        if let (Some(x), Some(y)) = (number(2), number(3)) {
            places.push([x, y]);
            species.push(record.get(1).unwrap_or_default().to_owned());
        }
    }
    let mut chance = StdRng::seed_from_u64(11);
    let picked: Vec<usize> = (0..SAMPLES).map(|_| chance.random_range(0..places.len())).collect();
    Ok(Samples {
        places: picked.iter().map(|at| places[*at]).collect(),
        species: picked.iter().map(|at| species[*at].clone()).collect(),
    })
}

#[derive(Debug, Clone, Copy)]
enum Question {
    Street,
    Quarter,
    City,
    Species,
    SpeciesInBox,
}

impl Question {
    const ALL: [Self; 5] = [
        Self::Street,
        Self::Quarter,
        Self::City,
        Self::Species,
        Self::SpeciesInBox,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::Street => "of a box of 200 m, 10 a page",
            Self::Quarter => "of a box of 1 km, 100 a page",
            Self::City => "of a box of 20 km, 10 a page",
            Self::Species => "of one species, 10 a page",
            Self::SpeciesInBox => "of one species in a box of 5 km, 10 a page",
        }
    }

    fn query(self, [x, y]: [f64; 2], species: &str) -> String {
        let bbox = |half: f64| format!("bbox={:.6},{:.6},{:.6},{:.6}", x - half, y - half, x + half, y + half);
        let species = format!("species={}", encoded(species));
        match self {
            Self::Street => format!("limit=10&{}", bbox(0.001)),
            Self::Quarter => format!("limit=100&{}", bbox(0.005)),
            Self::City => format!("limit=10&{}", bbox(0.1)),
            Self::Species => format!("limit=10&{species}"),
            Self::SpeciesInBox => format!("limit=10&{}&{species}", bbox(0.025)),
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Asks one server for some time: latencies and answers a second.
async fn ask(
    server: &Peer,
    samples: &Arc<Samples>,
    question: Question,
    time: Duration,
) -> Result<(Latencies, f64), String> {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (samples, server) = (samples.clone(), server.clone());
            tokio::spawn(async move {
                let mut chance = StdRng::seed_from_u64(client as u64);
                let (mut http, mut taken) = (Client::new(server.address), Latencies::default());
                while begun.elapsed() < time {
                    let at = chance.random_range(0..samples.places.len());
                    let query = question.query(samples.places[at], &samples.species[at]);
                    let asked = Instant::now();
                    let path = format!("{}?{query}", server.path);
                    let answer = http.get(&path, "Accept: application/geo+json\r\n").await;
                    let answer = answer.map_err(|error| error.to_string())?;
                    if answer.status != 200 {
                        return Err(format!("{} {path}: {}", server.name, answer.status));
                    }
                    taken.add(asked.elapsed());
                }
                Ok::<_, String>(taken)
            })
        })
        .collect();
    let mut taken = Latencies::default();
    for client in clients {
        taken.extend(client.await.map_err(|error| error.to_string())??);
    }
    let per_second = taken.count() as f64 / begun.elapsed().as_secs_f64();
    Ok((taken, per_second))
}
