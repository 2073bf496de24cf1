package io.skywire.node.messaging;

import io.netty.channel.EventLoop;
import io.skywire.node.directory.DirectoryException;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Questions to the messaging discovery: asked on virtual threads, answered on the mailbox's loop.
final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

    private final EventLoop loop;

    Discovery(EventLoop loop) {
        this.loop = loop;
    }

    /// What a question led to.
    sealed interface Answer<T extends Object> permits Answered, Unanswered {}

    record Answered<T extends Object>(T value) implements Answer<T> {}

    record Unanswered<T extends Object>(String text) implements Answer<T> {}

    <T extends Object> void ask(Callable<T> question, Consumer<Answer<T>> then) {
        Thread.ofVirtual().name("asks-discovery").start(() -> {
            Answer<T> answer;
            try {
                answer = new Answered<>(question.call());
            } catch (DirectoryException away) {
                answer = new Unanswered<>(String.valueOf(away.getMessage()));
            } catch (Exception bug) {
                LOG.error("asking the messaging discovery failed because of a bug", bug);
                answer = new Unanswered<>("internal error: " + bug);
            }
            Answer<T> result = answer;
            onLoop(() -> then.accept(result));
        });
    }

    void onLoop(Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
            return;
        }
        try {
            loop.execute(step);
        } catch (RejectedExecutionException ending) {
            LOG.debug("the event loop has ended before its mailbox");
        }
    }
}
