package io.skywire.control.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.event.TransactionalEventListener;

final class NodeDirectoryIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path keys;

    private static final List<PublicKey> NODES =
            TestKeys.pairs(6, 31).stream().map(KeyPair::publicKey).toList();

    private static TestControlPlane plane;
    private static NodeDirectory directory;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(POSTGRES.database().url(), keys, Map.of(), Listening.class);
        directory = plane.room(NodeDirectory.class);
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    @Test
    void knowsANodeFromItsFirstProofOnAndTellsItOnce() {
        PublicKey node = NODES.get(0);
        assertThat(directory.isKnown(node)).isFalse();
        long before = directory.count();

        directory.seen(node, "skywire/1");
        directory.seen(node, "skywire/2");

        assertThat(directory.isKnown(node)).isTrue();
        assertThat(directory.count()).isEqualTo(before + 1);
        assertThat(directory.all()).contains(node);
        assertThat(software(node)).isEqualTo("skywire/2");
        assertThat(plane.room(Joined.class).nodes).containsOnlyOnce(node);
    }

    @Test
    void whatANodeSaysOfItselfIsCutAndMadePrintable() {
        PublicKey node = NODES.get(1);

        directory.seen(node, "evil\u0000\n\u001b[31m" + "x".repeat(500));

        assertThat(software(node)).hasSize(100).startsWith("evil???[31mxxx");
    }

    @Test
    void sessionsThatStartTogetherAreOneNode() throws Exception {
        PublicKey node = NODES.get(2);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> sessions = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                sessions.add(threads.submit(() -> directory.seen(node, "skywire/1")));
            }
            for (Future<?> session : sessions) {
                session.get(30, TimeUnit.SECONDS);
            }
        }

        assertThat(directory.all()).containsOnlyOnce(node);
        assertThat(plane.room(Joined.class).nodes).containsOnlyOnce(node);
    }

    @Test
    void seesManyNodesAtOnce() {
        List<PublicKey> many =
                TestKeys.pairs(40, 32).stream().map(KeyPair::publicKey).toList();
        directory.seen(many.getFirst(), "old/1");
        Map<PublicKey, String> software = new HashMap<>();
        many.forEach(node -> software.put(node, "new/" + node.shortHex()));

        directory.seen(software);
        directory.seen(software);

        assertThat(directory.all()).containsAll(many);
        assertThat(many).allSatisfy(node -> assertThat(software(node)).isEqualTo("new/" + node.shortHex()));
        assertThat(plane.room(Joined.class).nodes).containsOnlyOnceElementsOf(many);
    }

    @Test
    void listsNodesInTheOrderOfTheirKeys() {
        directory.seen(NODES.get(4), "");
        directory.seen(NODES.get(3), "");
        directory.seen(NODES.get(5), "");

        assertThat(directory.all()).isSorted().contains(NODES.get(3), NODES.get(4), NODES.get(5));
    }

    private static String software(PublicKey node) {
        return plane.room(JdbcTemplate.class)
                .queryForObject("SELECT software FROM nodes WHERE public_key = ?", String.class, (Object) node.bytes());
    }

    @Configuration(proxyBeanMethods = false)
    static class Listening {
        @Bean
        Joined joined() {
            return new Joined();
        }
    }

    static class Joined {
        final List<PublicKey> nodes = new CopyOnWriteArrayList<>();

        @TransactionalEventListener
        void joined(NodeJoined event) {
            nodes.add(event.node());
        }
    }
}
