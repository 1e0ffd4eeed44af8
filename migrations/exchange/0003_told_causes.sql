-- To whom others were told that a lateness is put down. What was judged before that was kept is looked at once more, a batch at a time in
-- the background, and told: the page shows the old judgement until then.
ALTER TABLE exchange_link ADD COLUMN told_cause TEXT;
UPDATE exchange_link SET judge_at = due_at WHERE cause IS NOT NULL AND judge_at IS NULL;

-- When a withdrawal that could not be decided is tried again; none for at once.
ALTER TABLE exchange_link ADD COLUMN decide_at TIMESTAMPTZ;
