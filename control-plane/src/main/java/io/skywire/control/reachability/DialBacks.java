package io.skywire.control.reachability;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.directory.NodeBook;
import io.skywire.control.directory.Reachability;
import io.skywire.control.limits.DialBackLimits;
import io.skywire.control.limits.SourceNetwork;
import io.skywire.control.platform.Tally;
import io.skywire.control.reachability.DialBackReport.Dialled;
import io.skywire.control.reachability.DialBackReport.Outcome;
import io.skywire.shared.key.PublicKey;
import jakarta.annotation.PreDestroy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Dials nodes back that ask for it, and tells the directory how it went. Safe for any thread.
///
/// Bounded: per key and per network ([DialBackLimits]), in addresses per question, in dials at once, in time and bytes
/// per dial ([KeyProbe]), and in what is dialled at all ([AddressPolicy]).
@Component
public final class DialBacks {
    /// Addresses that one question names at most.
    public static final int MOST_ADDRESSES = 8;

    private static final Logger LOG = LoggerFactory.getLogger(DialBacks.class);

    private final AddressPolicy policy;
    private final KeyProbe probe;
    private final DialBackLimits limits;
    private final NodeBook book;
    private final InstantSource clock;
    private final Tally<Outcome> counted;
    private final Semaphore free;
    private final ExecutorService dials = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("dial-back-", 0).factory());

    DialBacks(
            ReachabilitySettings settings,
            DialBackLimits limits,
            NodeBook book,
            InstantSource clock,
            SecureRandom random,
            MeterRegistry meters) {
        this.policy = new AddressPolicy(settings.allowed().stream()
                .filter(text -> !text.isBlank())
                .map(SourceNetwork::parse)
                .toList());
        this.probe = new KeyProbe(settings.deadline(), random);
        this.limits = limits;
        this.book = book;
        this.clock = clock;
        this.counted =
                new Tally<>(meters, "skywire.dial.backs", "Nodes that were dialled back", "outcome", Outcome.class);
        this.free = new Semaphore(settings.concurrent());
    }

    /// Dials a node that has proved its key. Returns at once; the answer is there soon after the deadline of a dial.
    ///
    /// @param source where its session comes from
    /// @param addresses 1 to [#MOST_ADDRESSES], `host:port` each
    /// @throws IllegalArgumentException if the question cannot be, with the reason
    public CompletionStage<DialBackReport> ask(PublicKey node, InetAddress source, List<String> addresses) {
        if (addresses.isEmpty() || addresses.size() > MOST_ADDRESSES) {
            throw new IllegalArgumentException(
                    "1 to " + MOST_ADDRESSES + " addresses are dialled back at once, not " + addresses.size());
        }
        List<NamedAddress> named = addresses.stream().map(NamedAddress::parse).toList();
        Optional<Duration> wait = limits.ask(node, source);
        if (wait.isPresent()) {
            return CompletableFuture.completedFuture(new DialBackReport(source, List.of(), wait));
        }
        Map<InetSocketAddress, CompletableFuture<KeyProbe.Result>> targets = new HashMap<>();
        List<CompletableFuture<Dialled>> all = named.stream()
                .map(address -> switch (policy.decide(address, source)) {
                    case AddressPolicy.Decision.Forbidden forbidden ->
                        CompletableFuture.completedFuture(
                                new Dialled(address.text(), "", Outcome.FORBIDDEN, forbidden.why()));
                    case AddressPolicy.Decision.Dial dial ->
                        targets.computeIfAbsent(dial.target(), target -> dial(target, node))
                                .thenApply(result -> new Dialled(
                                        address.text(), text(dial.target()), result.outcome(), result.detail()));
                })
                .toList();
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(unused -> {
            DialBackReport report = new DialBackReport(
                    source, all.stream().map(CompletableFuture::join).toList(), Optional.empty());
            remember(node, report);
            return report;
        });
    }

    private CompletableFuture<KeyProbe.Result> dial(InetSocketAddress target, PublicKey node) {
        if (!free.tryAcquire()) {
            count(Outcome.BUSY);
            return CompletableFuture.completedFuture(
                    new KeyProbe.Result(Outcome.BUSY, "as many dials as allowed are under way: ask later"));
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        KeyProbe.Result result = probe.probe(target, node);
                        count(result.outcome());
                        return result;
                    } finally {
                        free.release();
                    }
                },
                dials);
    }

    private void count(Outcome outcome) {
        counted.add(outcome);
    }

    /// What was forbidden or had to wait says nothing about the node.
    private void remember(PublicKey node, DialBackReport report) {
        List<Outcome> told = report.dialled().stream()
                .map(Dialled::outcome)
                .filter(outcome -> outcome != Outcome.FORBIDDEN && outcome != Outcome.BUSY)
                .toList();
        if (told.isEmpty()) {
            return;
        }
        try {
            book.dialled(node, told.contains(Outcome.REACHABLE) ? Reachability.YES : Reachability.NO, clock.instant());
        } catch (DataAccessException | TransactionException away) {
            LOG.atDebug().addKeyValue("node", node.shortHex()).log("a dial-back is forgotten: {}", away.getMessage());
        }
    }

    private static String text(InetSocketAddress target) {
        String host = target.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + target.getPort();
    }

    @PreDestroy
    void close() {
        dials.shutdownNow();
        probe.close();
    }
}
