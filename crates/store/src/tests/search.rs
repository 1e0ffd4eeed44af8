//! Full-text search gives the same answers in the same order on both engines.

use uuid::Uuid;

use super::SAMPLE;
use crate::{
    Store, StoreError,
    search::{Entry, Query, SearchIndex},
    testing::on_both,
};

const INDEX: SearchIndex = crate::search_index!("sample_search");

const ROWS: [(u128, i64, &str, &str); 6] = [
    (
        1,
        5,
        "Đăng ký khai sinh",
        "Tờ khai; giấy chứng sinh của trẻ em (0-6 tuổi)",
    ),
    (
        2,
        1,
        "Đăng ký kết hôn",
        "Giấy xác nhận tình trạng hôn nhân, khai sinh của con nếu có",
    ),
    (
        3,
        3,
        "Cấp giấy phép xây dựng 1.004222",
        "bản vẽ thiết kế; \"khai\" AND OR NOT NEAR(*) ':A' \\ & | !",
    ),
    (4, 2, "Khai tử", "giấy báo tử"),
    (5, 2, "Thủ tục hoà giải", "hòa giải ở cơ sở"),
    (6, 9, "北京 ქართული", "ข้อมูล emoji 🌾 1e5 00123 12.5 x_y don't"),
];

async fn filled(db: &crate::testing::TestDb) -> Store {
    let store = db.open(&[SAMPLE]).await;
    store
        .write(|tx| -> Result<(), StoreError> {
            for (id, rank, strong, weak) in ROWS {
                tx.search_put(
                    &INDEX,
                    Entry {
                        id: Uuid::from_u128(id),
                        rank,
                        strong,
                        weak,
                    },
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    store
}

async fn found(store: &Store, query: Query) -> Vec<u128> {
    let ids = store.read(move |tx| {
        let ids = tx.search(&INDEX, &query, 10)?;
        assert_eq!(tx.search_count(&INDEX, &query)?, ids.len() as u64);
        Ok::<_, StoreError>(ids)
    });
    ids.await.unwrap().into_iter().map(|id| id.as_u128()).collect()
}

on_both!(same_rows_in_the_same_order, |db| {
    let store = filled(&db).await;
    let cases: [(&str, &[u128], &[u128]); 16] = [
        ("khai sinh", &[1, 2], &[1, 2]),
        ("KHAI SINH", &[1, 2], &[1, 2]),
        ("đăng ký", &[2, 1], &[2, 1]),
        ("dang ky", &[2, 1], &[2, 1]),
        ("kh", &[], &[4, 1, 2, 3]),
        ("khai", &[4, 1, 2, 3], &[4, 1, 2, 3]),
        ("hoa giai", &[5], &[5]),
        ("hòa giải", &[5], &[5]),
        ("hôn nhân", &[2], &[2]),
        ("1e5 00123", &[6], &[6]),
        ("12 5", &[6], &[6]),
        ("北京", &[6], &[6]),
        ("\" OR * ' & !", &[3], &[3]),
        ("", &[], &[]),
        ("  ''  ", &[], &[]),
        ("khong co gi", &[], &[]),
    ];
    for (text, whole, typing) in cases {
        assert_eq!(found(&store, Query::words(text)).await, whole, "{text:?} as words");
        assert_eq!(
            found(&store, Query::typing(text)).await,
            typing,
            "{text:?} while typing"
        );
    }
});

on_both!(rows_are_changed_and_taken_out, |db| {
    let store = filled(&db).await;
    store
        .write(|tx| {
            tx.search_put(
                &INDEX,
                Entry {
                    id: Uuid::from_u128(1),
                    rank: 0,
                    strong: "Trích lục",
                    weak: "bản sao",
                },
            )?;
            tx.search_remove(&INDEX, Uuid::from_u128(2))?;
            tx.search_remove(&INDEX, Uuid::from_u128(99))
        })
        .await
        .unwrap();
    assert_eq!(found(&store, Query::words("khai sinh")).await, [0_u128; 0]);
    assert_eq!(found(&store, Query::words("trich luc")).await, [1]);
    assert_eq!(found(&store, Query::words("khai")).await, [4, 3]);
    store.write(crate::search::rebuild).await.unwrap();
    assert_eq!(found(&store, Query::words("trich luc")).await, [1]);
    assert_eq!(found(&store, Query::typing("kh")).await, [4, 3]);
});
