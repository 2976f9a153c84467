-- Each load that begins looks for those whose programs died: few, among all that ever were.
CREATE INDEX load_unfinished ON load (load_id) WHERE finished_at IS NULL AND day IS NULL;
