package io.skywire.control.identity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/// A row of `nodes`. Written only by [StoredNodes].
@Entity
@Table(name = "nodes")
class NodeEntity {
    @Id
    @Column(name = "public_key", nullable = false, updatable = false)
    private byte[] publicKey = {};

    @Column(nullable = false)
    private String software = "";

    @Column(name = "first_seen", nullable = false, updatable = false)
    private Instant firstSeen = Instant.EPOCH;

    @Column(name = "last_seen", nullable = false)
    private Instant lastSeen = Instant.EPOCH;

    protected NodeEntity() {}

    byte[] publicKey() {
        return publicKey;
    }

    String software() {
        return software;
    }

    Instant firstSeen() {
        return firstSeen;
    }

    Instant lastSeen() {
        return lastSeen;
    }
}
