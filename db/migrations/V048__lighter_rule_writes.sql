-- Rules are written in the statement that writes their nodes' revisions, and revisions are never deleted: a check of each
-- row against its node finds nothing and costs a lookup and a lock.
ALTER TABLE node_rules DROP CONSTRAINT node_rules_node_fkey;
