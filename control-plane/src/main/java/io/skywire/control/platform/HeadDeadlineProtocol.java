package io.skywire.control.platform;

import java.io.IOException;
import java.time.Duration;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 with a deadline for the whole head of a request.
///
/// The server's own timeout counts from byte to byte, so a client that sends one header byte in nine seconds would hold
/// its connection for a day. Here each byte that comes after the deadline ends the connection.
public final class HeadDeadlineProtocol extends Http11NioProtocol {
    private volatile Duration headDeadline = Duration.ofSeconds(10);

    void setHeadDeadline(Duration headDeadline) {
        this.headDeadline = headDeadline;
    }

    @Override
    protected Processor createProcessor() {
        return new Http11(this, adapter);
    }

    private static final class Http11 extends Http11Processor {
        private final HeadDeadlineProtocol protocol;

        /// The connection that is in the middle of a head, and since when. Processors serve one connection after the
        /// other, and one that was cut off in its head leaves these behind.
        private @Nullable SocketWrapperBase<?> unfinished;

        private long since;

        Http11(HeadDeadlineProtocol protocol, Adapter adapter) {
            super(protocol, adapter);
            this.protocol = protocol;
        }

        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            long now = System.nanoTime();
            if (unfinished != socket) {
                unfinished = socket;
                since = now;
            } else if (now - since > protocol.headDeadline.toNanos()) {
                unfinished = null;
                return SocketState.CLOSED;
            }
            SocketState state = super.service(socket);
            if (state != SocketState.LONG || isAsync()) {
                unfinished = null;
            }
            return state;
        }
    }
}
