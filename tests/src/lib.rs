//! Nothing here: the tests are in `it/`, one binary that mirrors what the program does.
//! One binary links once; a folder of them would link the whole program once each.
