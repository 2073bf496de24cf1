package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TailTest {
    private final Tail tail = new Tail();
    private final List<ByteBuf> datagrams = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private int flushes;

    private void leaves(int number) {
        ByteBuf datagram = Unpooled.copiedBuffer(new byte[] {(byte) number});
        datagrams.add(datagram);
        tail.keep(datagram);
        datagram.skipBytes(1); // as whoever sends it does
        datagram.release();
    }

    private final class Recording implements EdgeRoute {
        @Override
        public void send(ByteBuf payload) {
            sent.add(String.valueOf(payload.readByte()));
            payload.release();
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public RouteUid route() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SessionUid session() {
            throw new UnsupportedOperationException();
        }

        @Override
        public RouteEnd end() {
            throw new UnsupportedOperationException();
        }

        @Override
        public PublicKey peer() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int maxPayload() {
            return 16_384;
        }
    }

    @Test
    void sendsTheNewestThreeAgainAsOftenAsAskedAndHoldsNoOthers() {
        for (int number = 1; number <= 5; number++) {
            leaves(number);
        }

        tail.sendAgain(new Recording());
        tail.sendAgain(new Recording());

        assertThat(sent).containsExactly("3", "4", "5", "3", "4", "5");
        assertThat(flushes).isEqualTo(2);
        assertThat(datagrams).extracting(ByteBuf::refCnt).containsExactly(0, 0, 1, 1, 1);
    }

    @Test
    void keepsNothingOnceTheSessionIsOver() {
        leaves(1);
        tail.close();
        leaves(2);

        tail.sendAgain(new Recording());

        assertThat(sent).isEmpty();
        assertThat(datagrams)
                .allSatisfy(datagram -> assertThat(datagram.refCnt()).isZero());
    }
}
