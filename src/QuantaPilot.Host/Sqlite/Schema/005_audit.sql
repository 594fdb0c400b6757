-- Who did what when. Rows are added and settled once; nothing else of them changes, and none is removed.
CREATE TABLE audit (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- UTC ticks. Lists go by it, newest first, and by position where two are equal.
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    run_id TEXT,
    outcome TEXT NOT NULL,
    document BLOB NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor, at);
CREATE INDEX audit_run ON audit (run_id, at) WHERE run_id IS NOT NULL;

CREATE TRIGGER audit_settles_once BEFORE UPDATE ON audit
WHEN OLD.outcome <> 'begun'
    OR NEW.position <> OLD.position OR NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.actor <> OLD.actor
    OR NEW.action <> OLD.action OR NEW.run_id IS NOT OLD.run_id OR NEW.document <> OLD.document
BEGIN
    SELECT RAISE(ABORT, 'An entry of the audit log is settled once, and nothing else of it changes.');
END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'An entry of the audit log is not removed.');
END;
