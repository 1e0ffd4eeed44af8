//! Vector tiles of all 903,461 real trees, as everybody sees them: tiles a second while none is kept and while they are, at the zooms
//! at which nothing is thinned, the first tile after a start, and every zoom alone. The real file lies beside the repository and is
//! not shipped; without it nothing is measured, and a line says so.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use identity::Role;
use map::tile::mercator::to_world;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use register::open::{self, Approval, rule_digest};

use crate::client::Client;
use crate::province::Province;
use crate::register::{import, mended, real};
use crate::stats::{Latencies, Line};

/// Clients at once.
const CLIENTS: usize = 16;
/// Zooms at which nothing is thinned.
const ZOOMS: std::ops::RangeInclusive<u8> = 14..=18;
/// Tiles a second that are asked for: five times what Martin makes over PostGIS on such a machine. Held against Martin itself when
/// both run side by side.
const WANTED: f64 = 8_500.0;
/// Places that tiles are asked for around.
const PLACES: usize = 60_000;

/// Measures on one engine, while tiles are kept and while they are not.
pub(crate) async fn measure(
    engine: &str,
    folder: &Path,
    database: Option<&str>,
    (keeps, time): (bool, Duration),
) -> Result<Vec<Line>, String> {
    if !real().exists() {
        return Ok(vec![Line::plain(
            "tiles",
            "left out",
            "the real trees are not beside the repository",
        )]);
    }
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let file = folder.join("trees.csv");
    let rows = mended(&file)?;
    let places = places(&file)?;
    let change = |config: &mut tinhso::Config| config.map.tiles_mb = if keeps { 256 } else { 0 };
    let province = Province::serve_with(folder, database, change).await?;
    let cookie = province
        .officer("chuyenvien", "Chuyên viên tỉnh", Role::Specialist)
        .await?;
    import(engine, &province, &cookie, &file, rows).await?;
    approve(&province).await?;
    let how = if keeps { "kept" } else { "made each time" };
    let mut lines = vec![first(engine, province.address, &places).await?];
    if !keeps {
        for z in [0, 6, 10, 12, 14, 16, 18] {
            let (taken, per_second, bytes) = ask(province.address, &places, (z..=z, time / 5)).await?;
            lines.push(Line::plain(
                &format!("tiles of zoom {z} {how}, {engine}"),
                format!("{per_second:.0}/s, {}", taken.summary()),
                format!("{} bytes on average, {CLIENTS} clients", bytes / taken.count().max(1)),
            ));
        }
    }
    if keeps {
        // Once through, so that what is measured is kept.
        ask(province.address, &places, (ZOOMS, time)).await?;
    }
    let (taken, per_second, bytes) = ask(province.address, &places, (ZOOMS, time)).await?;
    let what = format!("tiles of zooms 14 to 18 {how}, {engine}");
    let figure = format!("{per_second:.0}/s, {}", taken.summary());
    let note = format!(
        "{} tiles, {} bytes on average, {CLIENTS} clients",
        taken.count(),
        bytes / taken.count().max(1)
    );
    lines.push(if keeps {
        Line::plain(&what, figure, note)
    } else {
        Line::new(&what, figure, "5 times Martin's", per_second >= WANTED, note)
    });
    province.stop().await;
    Ok(lines)
}

/// Places of trees, some of them, by chance from a fixed seed.
fn places(file: &Path) -> Result<Vec<[u32; 2]>, String> {
    let mut reader = csv::Reader::from_path(file).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let number = |at: usize| record.get(at).and_then(|text| text.parse::<f64>().ok());
        if let (Some(x), Some(y)) = (number(2), number(3)) {
            all.push(to_world(x, y));
        }
    }
    let mut chance = StdRng::seed_from_u64(7);
    Ok((0..PLACES).map(|_| all[chance.random_range(0..all.len())]).collect())
}

/// Lets everybody see the trees.
pub(crate) async fn approve(province: &Province) -> Result<(), String> {
    let kind = province
        .app
        .register
        .kind("trees", "tree")
        .map_err(|error| error.to_string())?;
    let approval = Approval {
        id: ::register::RecordId::new(province.app.store.world().as_ref()).uuid(),
        rule: rule_digest(&kind).ok_or("trees have no rule of open data")?,
        rows_seen: 0,
        account: None,
        who: "đo tốc độ".to_owned(),
        approved_at: province.app.casework.now(),
        withdrawn: None,
    };
    let store = &province.app.store;
    let done: Result<(), store::StoreError> = store.write(move |tx| open::approve(tx, &kind, &approval)).await;
    done.map_err(|error| error.to_string())
}

fn path(z: u8, [x, y]: [u32; 2]) -> String {
    let shift = 32 - u32::from(z);
    let of = |at: u32| u64::from(at) >> shift;
    format!("/map/tiles/trees/tree/{z}/{}/{}", of(x), of(y))
}

/// The first tile: all rows are read into memory for it.
async fn first(engine: &str, address: SocketAddr, places: &[[u32; 2]]) -> Result<Line, String> {
    let begun = Instant::now();
    let answer = Client::new(address).get(&path(14, places[0]), "").await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("the first tile: {}", answer.status));
    }
    Ok(Line::plain(
        &format!("first tile after a start, {engine}"),
        format!("{:.2} s", begun.elapsed().as_secs_f64()),
        "all rows are read into memory for it",
    ))
}

/// Asks for tiles around places for some time: latencies, tiles a second, bytes of all.
async fn ask(
    address: SocketAddr,
    places: &[[u32; 2]],
    (zooms, time): (std::ops::RangeInclusive<u8>, Duration),
) -> Result<(Latencies, f64, usize), String> {
    let places: Arc<[[u32; 2]]> = places.into();
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (places, zooms) = (places.clone(), zooms.clone());
            tokio::spawn(async move {
                let mut chance = StdRng::seed_from_u64(client as u64);
                let (mut http, mut taken, mut bytes) = (Client::new(address), Latencies::default(), 0);
                while begun.elapsed() < time {
                    let place = places[chance.random_range(0..places.len())];
                    let path = path(chance.random_range(zooms.clone()), place);
                    let asked = Instant::now();
                    let answer = http.get(&path, "").await.map_err(|error| error.to_string())?;
                    if answer.status != 200 && answer.status != 204 {
                        return Err(format!("{path}: {}", answer.status));
                    }
                    taken.add(asked.elapsed());
                    bytes += answer.body.len();
                }
                Ok::<_, String>((taken, bytes))
            })
        })
        .collect();
    let (mut all, mut bytes) = (Latencies::default(), 0);
    for client in clients {
        let (taken, own) = client.await.map_err(|error| error.to_string())??;
        all.extend(taken);
        bytes += own;
    }
    let per_second = all.count() as f64 / begun.elapsed().as_secs_f64();
    Ok((all, per_second, bytes))
}
