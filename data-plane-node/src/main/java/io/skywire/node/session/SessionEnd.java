package io.skywire.node.session;

/// Why a session is over. `detail` is for people.
record SessionEnd(Kind kind, String detail) {
    enum Kind {
        /// This end hung up.
        HUNG_UP(0),
        /// The peer hung up.
        PEER_CLOSED(0),
        /// One end broke the protocol.
        PROTOCOL(1),
        /// One end does not want the other.
        REFUSED(2),
        /// Nothing was heard in time.
        TIMEOUT(3),
        /// No route is left.
        ROUTE_LOST(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /// The application error code of QUIC's CONNECTION_CLOSE.
        int code() {
            return code;
        }
    }
}
