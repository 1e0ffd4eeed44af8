-- Every look at a record asks whether an import into its kind is open: at most one is, among thousands that are done.
CREATE INDEX register_import_open ON register_import (system, kind) WHERE state = 'open';
