-- Rows behind a number are read in the order of an index: what one procedure's dossiers were received, and what is open now.
CREATE INDEX figure_fact_procedure_received ON figure_fact (procedure, received_on, dossier);
CREATE INDEX figure_fact_open_filed ON figure_fact (filed_on, dossier) WHERE is_open;
