-- The tasks that agents elsewhere were given. The answer is kept as it came.
CREATE TABLE agent_tasks (
    position INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL,
    document BLOB NOT NULL,
    answer BLOB
);
CREATE UNIQUE INDEX agent_tasks_run ON agent_tasks (run_id, step, round);
