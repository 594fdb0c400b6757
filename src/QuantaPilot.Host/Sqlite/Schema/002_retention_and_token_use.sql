-- UTC ticks; set once a run has ended. Retention walks the index from its old end.
ALTER TABLE runs ADD COLUMN ended_at INTEGER;
CREATE INDEX runs_ended_at ON runs (ended_at) WHERE ended_at IS NOT NULL;
-- To the second, which is enough for runs of before: julianday counts days, the epoch of ticks is day 1721425.5.
UPDATE runs SET ended_at = CAST((julianday(json_extract(CAST(document AS TEXT), '$.ended_at')) - 1721425.5) * 86400 AS INTEGER) * 10000000
WHERE json_extract(CAST(document AS TEXT), '$.ended_at') IS NOT NULL;

-- Autoincrement: the position of an event that was deleted is never given to another, so a reader's place in the log stays good.
CREATE TABLE events_kept (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs (position),
    sequence INTEGER NOT NULL,
    json BLOB NOT NULL
);
INSERT INTO events_kept SELECT position, run, sequence, json FROM events;
DROP TABLE events;
ALTER TABLE events_kept RENAME TO events;
CREATE UNIQUE INDEX events_run_sequence ON events (run, sequence);

ALTER TABLE tokens ADD COLUMN last_used_at TEXT;
