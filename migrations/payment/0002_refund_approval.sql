-- Money goes back only after a second officer approved it. What was ordered before there was an approval counts as approved.
ALTER TABLE refund ADD COLUMN ordered_by UUID;
ALTER TABLE refund ADD COLUMN approved_at TIMESTAMPTZ;
ALTER TABLE refund ADD COLUMN approved_by UUID;
ALTER TABLE refund ADD COLUMN approved_name TEXT;
ALTER TABLE refund ADD COLUMN refused_name TEXT;
UPDATE refund SET approved_at = ordered_at, approved_name = ordered_name;
