-- What agents and checks wrote. at is UTC ticks. What is cut of a step makes room for a note, so numbers have gaps.
CREATE TABLE run_logs (
    position INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE UNIQUE INDEX run_logs_run ON run_logs (run_id, sequence);
