//! Every kind of file is read back by somebody else's reader where there is one here: the values, the places, the system of
//! coordinates, what was left out. Rows of a register leave as they are asked for, on both engines.

mod files;
mod rows;
