-- The product's own memory. position is the order of creation: lists go by it, newest first, and so stay stable under inserts.
CREATE TABLE runs (
    position INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    -- Counts the writes to this row: tells whether a decoded document is still the present one.
    version INTEGER NOT NULL,
    -- The status shown: 'stuck' while stuck_reason is set, else that of the document.
    status TEXT NOT NULL,
    project TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    pending_gate INTEGER NOT NULL,
    untold INTEGER NOT NULL,
    stuck_reason TEXT,
    document BLOB NOT NULL
);
CREATE INDEX runs_status ON runs (status);
CREATE INDEX runs_project ON runs (project);
CREATE INDEX runs_correlation_id ON runs (correlation_id);
CREATE INDEX runs_pending_gate ON runs (position) WHERE pending_gate = 1;
CREATE INDEX runs_untold ON runs (position) WHERE untold = 1;

-- position orders the events of all runs; one writer commits them in that order, so a reader that saw one has seen all before it.
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (position),
    sequence INTEGER NOT NULL,
    json BLOB NOT NULL
);
CREATE UNIQUE INDEX events_run_sequence ON events (run, sequence);

CREATE TABLE pull_requests (
    repo_url TEXT NOT NULL,
    number INTEGER NOT NULL,
    head_branch TEXT NOT NULL,
    base_branch TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    merged_head_sha TEXT,
    merge_sha TEXT,
    PRIMARY KEY (repo_url, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX pull_requests_head ON pull_requests (repo_url, head_branch);

CREATE TABLE tokens (
    token_id TEXT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    projects TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) WITHOUT ROWID;
