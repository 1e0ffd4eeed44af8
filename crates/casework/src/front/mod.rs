//! The front page: one question, the most asked-for procedures, following by code, and how the province works, in figures
//! that open the rows behind them.

pub mod http;
