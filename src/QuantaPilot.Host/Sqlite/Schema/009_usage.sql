-- What agents used up, by day (UTC) and project: the revision of the event that says so keeps a repeat from counting twice.
CREATE TABLE usage (
    day INTEGER NOT NULL,
    project TEXT NOT NULL,
    run_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    micro_usd INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (day, project, run_id, revision)
) WITHOUT ROWID;
