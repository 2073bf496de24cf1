package io.skywire.control.platform;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// A request whose body must be there by a deadline and stay below a cap, however it is read. For one thread.
///
/// The server's own timeout counts from byte to byte; a client that sends one byte in nine seconds would never meet it.
final class TimedRequest extends HttpServletRequestWrapper {
    private final InstantSource clock;
    private final Duration patience;
    private final Instant deadline;
    private final long cap;
    private @Nullable Body body;

    TimedRequest(HttpServletRequest request, InstantSource clock, Duration patience, long cap) {
        super(request);
        this.clock = clock;
        this.patience = patience;
        this.deadline = clock.instant().plus(patience);
        this.cap = cap;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        Body known = body;
        if (known == null) {
            known = new Body(super.getInputStream());
            body = known;
        }
        return known;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
    }

    /// Reads on, up to as many bytes, and forgets them. Where that fails the connection is of no further use.
    void throwAwayTheRest(long most) throws IOException {
        ServletInputStream in = super.getInputStream();
        byte[] nothing = new byte[8192];
        long left = most;
        while (left > 0 && !in.isFinished() && !clock.instant().isAfter(deadline)) {
            left -= Math.max(1, in.read(nothing));
        }
    }

    private final class Body extends ServletInputStream {
        private final ServletInputStream in;
        private long count;

        Body(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (clock.instant().isAfter(deadline)) {
                throw new BodyRefusedException(
                        ProblemType.BODY_TOO_SLOW, "the body was not there after " + patience.toMillis() + " ms");
            }
            int read = in.read(target, offset, length);
            count += Math.max(0, read);
            if (count > cap) {
                throw tooLarge(cap);
            }
            return read;
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("bodies are read by threads that may wait");
        }
    }

    static BodyRefusedException tooLarge(long cap) {
        return new BodyRefusedException(ProblemType.BODY_TOO_LARGE, "the body is larger than " + cap + " bytes");
    }
}
