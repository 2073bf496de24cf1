-- Network monitors may deregister transports too, not only messaging entries.
ALTER TABLE messaging_monitor_proofs RENAME TO monitor_proofs;
ALTER INDEX messaging_monitor_proofs_until RENAME TO monitor_proofs_until;
