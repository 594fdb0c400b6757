-- The task hub. The history is the sole truth about an instance; the columns beside it say when it must be looked at.
CREATE TABLE hub_instances (
  key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, so that what a purged instance left in memory meets nobody
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status INTEGER NOT NULL,                -- OrchestrationStatus; 0 running and 4 stuck are unfinished
  created_at INTEGER NOT NULL,            -- UTC ticks, as all times here
  updated_at INTEGER NOT NULL,
  lease INTEGER NOT NULL,                 -- whoever commits must know it
  execution INTEGER NOT NULL,             -- how often the instance continued as new
  turns INTEGER NOT NULL,                 -- committed turns of this execution
  next_due_at INTEGER,                    -- the earliest durable timer
  open_activities INTEGER NOT NULL,       -- scheduled by a committed turn, result not yet in one
  parent INTEGER,                         -- key of the instance that waits for this one
  parent_execution INTEGER,
  parent_task INTEGER,
  output TEXT,
  failure TEXT
);

CREATE INDEX hub_instances_unfinished ON hub_instances (next_due_at) WHERE status IN (0, 4);

-- One row per turn, a JSON array of events. Turn 0 holds what the execution starts from.
CREATE TABLE hub_history (
  instance INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  events BLOB NOT NULL,
  PRIMARY KEY (instance, turn)
) WITHOUT ROWID;

-- External events and ends of sub-orchestrations that no committed turn has taken yet.
CREATE TABLE hub_inbox (
  instance INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  event BLOB NOT NULL,
  PRIMARY KEY (instance, seq)
) WITHOUT ROWID;
