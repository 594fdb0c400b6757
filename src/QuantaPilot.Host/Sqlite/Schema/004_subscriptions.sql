-- Who gets events by webhook. position is the order of creation. The document holds secrets: the file is its owner's only.
CREATE TABLE subscriptions (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription_id TEXT NOT NULL UNIQUE,
    document BLOB NOT NULL
);
