package io.skywire.control.agent;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.skywire.proto.v1.ControlMessage;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What goes to one agent: one message at a time, in order, and no more waiting than the bound. Safe for any thread.
final class Outbound {
    private final ServerCallStreamObserver<ControlMessage> stream;
    private final int bound;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<ControlMessage> waiting = new ArrayDeque<>();
    private boolean ended;

    Outbound(ServerCallStreamObserver<ControlMessage> stream, int bound) {
        this.stream = stream;
        this.bound = bound;
    }

    enum Sent {
        TAKEN,
        ENDED,
        TOO_SLOW
    }

    Sent send(ControlMessage message) {
        lock.lock();
        try {
            if (ended) {
                return Sent.ENDED;
            }
            if (waiting.size() >= bound) {
                return Sent.TOO_SLOW;
            }
            waiting.add(message);
            drain();
            return Sent.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    boolean isReady() {
        lock.lock();
        try {
            return !ended && waiting.isEmpty() && stream.isReady();
        } finally {
            lock.unlock();
        }
    }

    /// The transport has room again.
    void ready() {
        lock.lock();
        try {
            drain();
        } finally {
            lock.unlock();
        }
    }

    private void drain() {
        while (!ended && !waiting.isEmpty() && stream.isReady()) {
            stream.onNext(waiting.remove());
        }
    }

    /// Ends the stream, with the status if there is one, else as completed. False if it had ended before.
    boolean end(Optional<Status> status) {
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            ended = true;
            waiting.clear();
            if (stream.isCancelled()) {
                return true;
            }
            if (status.isPresent()) {
                stream.onError(status.get().asRuntimeException());
            } else {
                stream.onCompleted();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
