-- Requests have a deadline per statement; building an index over a big table may take longer.
SET LOCAL statement_timeout = 0;
