//! References that an import cannot set at once, because their target comes later: rows come in without them, and they are
//! filled in at the end. Bounded memory: they wait in a temporary file.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Seek as _, Write as _},
    ops::Range,
    sync::Arc,
};

use tokio::runtime::Handle;

use super::{
    ArchiveError, Header, Kind,
    target::Target,
    value::{read_row, write_row},
};
use crate::{
    Store, StoreError,
    catalog::{Schema, quoted},
    value::Value,
};

/// References set in one transaction.
const UPDATES: usize = 500;

/// References that could not be set yet, spooled to a temporary file: number of the table, key, values.
pub(super) struct Later {
    spool: File,
    count: u64,
}

impl Later {
    pub(super) fn new() -> Result<Later, ArchiveError> {
        let spool = tempfile::tempfile().map_err(ArchiveError::io(std::env::temp_dir()))?;
        Ok(Later { spool, count: 0 })
    }

    pub(super) fn hold_back(
        &mut self,
        at: usize,
        table: &Target,
        mut row: Vec<Value<'static>>,
    ) -> Result<Vec<Value<'static>>, ArchiveError> {
        if table.forward.iter().all(|column| row[*column] == Value::Null) {
            return Ok(row);
        }
        let mut held = vec![Value::Int(i64::try_from(at).unwrap_or(i64::MAX))];
        for column in &table.forward {
            held.push(std::mem::replace(&mut row[*column], Value::Null));
        }
        held.extend(table.key.iter().map(|column| row[*column].clone()));
        let mut line = Vec::new();
        write_row(&held, &mut line);
        self.spool
            .write_all(&line)
            .map_err(ArchiveError::io("the temporary file"))?;
        self.count += 1;
        Ok(row)
    }

    /// Sets the references; those of a salvaged archive whose target is lost stay empty, and come back.
    pub(super) fn fill_in(
        &mut self,
        store: &Store,
        handle: &Handle,
        schema: &Schema,
        header: &Header,
    ) -> Result<Vec<(String, String)>, ArchiveError> {
        let mut left_out = Vec::new();
        if self.count == 0 {
            return Ok(left_out);
        }
        self.spool.rewind().map_err(ArchiveError::io("the temporary file"))?;
        let mut batch = Vec::new();
        for line in BufReader::new(&self.spool).lines() {
            let line = line.map_err(ArchiveError::io("the temporary file"))?;
            batch.push(Self::update(&line, schema, header)?);
            if batch.len() == UPDATES {
                apply(
                    store,
                    handle,
                    std::mem::take(&mut batch),
                    header.salvaged,
                    &mut left_out,
                )?;
            }
        }
        apply(store, handle, batch, header.salvaged, &mut left_out)?;
        Ok(left_out)
    }

    fn update(line: &str, schema: &Schema, header: &Header) -> Result<(String, Vec<Value<'static>>), ArchiveError> {
        let damaged = |why: String| ArchiveError::damaged("the temporary file", why);
        let at: usize = line
            .trim_start_matches('[')
            .split([',', ']'])
            .next()
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| damaged(line.to_owned()))?;
        let head = &header.tables[at];
        let table = Target::new(schema, schema.table(&head.name)?, &head.columns)?;
        let columns = table
            .forward
            .iter()
            .chain(&table.key)
            .map(|column| head.columns[*column].clone());
        let kinds: Vec<(String, Kind)> = [("table".to_owned(), Kind::Int)].into_iter().chain(columns).collect();
        let mut values = read_row(line.as_bytes(), &kinds).map_err(damaged)?;
        values.remove(0);
        let assign = |from: usize, columns: &[usize], glue: &str| {
            let pairs = columns.iter().enumerate();
            let pairs = pairs.map(|(n, column)| format!("{} = ${}", quoted(&head.columns[*column].0), from + n));
            pairs.collect::<Vec<_>>().join(glue)
        };
        let (set, key) = (
            assign(1, &table.forward, ", "),
            assign(1 + table.forward.len(), &table.key, " AND "),
        );
        Ok((format!("UPDATE {} SET {set} WHERE {key}", quoted(&head.name)), values))
    }
}

fn apply(
    store: &Store,
    handle: &Handle,
    batch: Vec<(String, Vec<Value<'static>>)>,
    salvaged: bool,
    left_out: &mut Vec<(String, String)>,
) -> Result<(), ArchiveError> {
    let batch = Arc::new(batch);
    let write = |which: Range<usize>| {
        let batch = batch.clone();
        handle.block_on(store.write(move |tx| {
            for (sql, params) in &batch[which.clone()] {
                tx.execute_text(sql, params)?;
            }
            Ok::<_, StoreError>(())
        }))
    };
    match write(0..batch.len()) {
        Err(fault) if salvaged && refused(&fault) => {}
        done => return Ok(done?),
    }
    for at in 0..batch.len() {
        match write(at..at + 1) {
            Err(fault) if refused(&fault) => left_out.push((batch[at].0.clone(), fault.to_string())),
            done => done?,
        }
    }
    Ok(())
}

/// Whether a row was refused for what it says, not for a fault of the engine.
pub(super) fn refused(fault: &StoreError) -> bool {
    matches!(
        fault,
        StoreError::Reference { .. } | StoreError::Duplicate { .. } | StoreError::Rule { .. }
    )
}
