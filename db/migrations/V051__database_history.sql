-- How far this database has come, by a count that every replica raises each second. A replica that finds a smaller one than
-- it has seen knows that the database was restored from a copy: docs/operations/backup-and-restore.md.
CREATE TABLE database_history (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    beats    bigint NOT NULL
)
-- Raised all the time: room on the page for new versions of the row.
WITH (fillfactor = 10);

INSERT INTO database_history (beats) VALUES (0);
