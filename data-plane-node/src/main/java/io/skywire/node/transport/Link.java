package io.skywire.node.transport;

/// A [Transport] and its life, as those see it who keep one per neighbour. On the link's event loop, but for the face.
interface Link extends Transport {
    TransportSnapshot.Opener opener();

    boolean isUp();

    boolean isGone();

    /// The owner keeps this link, which has settled.
    void open();

    /// This side ends the link at once, and says why.
    void fail(LinkFailure kind, String detail);

    /// The way to the neighbour is gone, or the neighbour has ended the link.
    void end(String reason);

    /// Ends the link as `close` does; `next` runs on this loop once everybody has heard of it.
    void endThen(String reason, Runnable next);

    /// Runs `step` on the link's event loop. Any thread.
    void onLoop(Runnable step);
}
