package io.skywire.control.blame;

/// What is known against nodes and transports, on every replica alike. Safe for any thread; never blocks, never locks.
public interface BlameBook {
    /// The newest scores: renewed when evidence arrives and every `skywire.blame.refresh-interval`, so that they are at
    /// most that much older than now. Take it once per search: it does not change under the reader.
    BlameSnapshot current();
}
