-- What became of events on their way to sinks. position is the order of creation: lists go by it, newest first.
CREATE TABLE deliveries (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    sink TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    status TEXT NOT NULL,
    document BLOB NOT NULL
);
CREATE UNIQUE INDEX deliveries_run ON deliveries (run_id, sink, sequence);
CREATE INDEX deliveries_sink ON deliveries (sink);
-- Most are delivered: those who look for these find them by walking the table.
CREATE INDEX deliveries_open ON deliveries (status) WHERE status <> 'delivered';
