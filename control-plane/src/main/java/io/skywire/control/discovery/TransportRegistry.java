package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import java.util.List;

/// The one place that knows which transports exist, what each edge says of them, and until when that counts.
///
/// A transport is up when both edges' newest views say so and neither lease has run out. Every method is one
/// transaction, safe for any thread, and blocks for the database; while that is away it throws Spring's
/// `DataAccessException` and has changed nothing. Changes are told as [TransportUp] and [TransportDown].
public interface TransportRegistry {
    /// The most claims that one report may hold; those beyond are refused.
    int MAX_CLAIMS = 4096;

    /// Takes over what an edge says. The caller has proved to be `edge`. Idempotent. Renews the claims' leases.
    ReportOutcome report(PublicKey edge, ReportKind kind, List<TransportClaim> claims);

    /// Takes over what an edge measures, if all of it is about links of which it has a view that is up: cheaper than
    /// [#report], for those of many edges are written together. The caller has proved to be `edge`. Renews the claims'
    /// leases.
    ///
    /// @return the claims that were not taken; they need [#report]
    List<TransportClaim> measured(PublicKey edge, List<TransportClaim> claims);

    /// A heartbeat of `edge`: the leases of all its views start again.
    void renew(PublicKey edge);

    /// The session of `edge` is over. Its views keep their lease, so a short absence breaks nothing; then they expire.
    void sessionEnded(PublicKey edge);

    /// Every transport ever registered with its state, as one consistent reading. For rebuilding a picture at start.
    List<RegisteredTransport> all();
}
