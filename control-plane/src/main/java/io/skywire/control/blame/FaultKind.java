package io.skywire.control.blame;

/// What went wrong with a route, as far as it says something about somebody.
public enum FaultKind {
    /// A node with a live session did not answer its rules for the whole time that it had.
    SILENT(Testimony.SEEN, 1.0),
    /// A node refused its rules.
    REFUSED(Testimony.SEEN, 1.0),
    /// A node says that it has a rule with a random number already. Once means nothing; a node that says it each time
    /// fails the setup by it, after about four.
    NUMBER_TAKEN(Testimony.SEEN, 0.25),
    /// An edge of a transport that is registered as up says that it does not have it.
    NO_SUCH_TRANSPORT(Testimony.SEEN, 1.0),
    /// An edge said that a transport is down while a route used it.
    TRANSPORT_LOST(Testimony.SEEN, 1.0),
    /// All nodes agreed and the initiator says that its probe was not answered. Which link it was nobody knows.
    PROBE_UNANSWERED(Testimony.SAID, 0.5);

    /// Who vouches for it.
    enum Testimony {
        /// The control plane saw it, or the suspect said it itself.
        SEEN,
        /// The accuser's word alone.
        SAID
    }

    private final Testimony testimony;
    private final double weight;

    FaultKind(Testimony testimony, double weight) {
        this.testimony = testimony;
        this.weight = weight;
    }

    Testimony testimony() {
        return testimony;
    }

    /// What each of `suspects` gets. Several silent nodes have each been seen to be silent; where it can only have been
    /// one of several, they share.
    double weightOfEach(int suspects) {
        return this == SILENT ? weight : weight / suspects;
    }
}
