-- Which runs work and which wait for a slot: one document, while the host limits how many work at once.
CREATE TABLE admission (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    document BLOB NOT NULL
);
