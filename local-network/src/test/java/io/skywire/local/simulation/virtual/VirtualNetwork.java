package io.skywire.local.simulation.virtual;

import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/// Nodes, cables, replicas and the trouble that [Conditions] ask for, in virtual time, on one thread. The same
/// conditions give the same run to the last packet.
final class VirtualNetwork {
    private static final Duration TALK = Duration.ofMillis(250);
    private static final Duration LOOK = Duration.ofSeconds(3);

    private final Conditions conditions;
    private final Identities identities;
    private final VirtualTime time = new VirtualTime();
    private final Story story = new Story(time);
    private final Random random;
    private final Invariants invariants;
    private final Ledger ledger = new Ledger();
    private final List<VirtualNode> nodes = new ArrayList<>();
    private final List<Cable> cables = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private Faults faults;
    private int outages;

    /// What a run came to.
    record Verdict(long seed, Set<String> violations, List<String> last, String hash, int answers, int established) {
        String told() {
            return "seed " + seed + " violates " + violations + "; the last events:\n" + String.join("\n", last);
        }
    }

    VirtualNetwork(Conditions conditions, Identities identities) {
        this.conditions = conditions;
        this.identities = identities;
        this.faults = conditions.faults();
        this.random = new Random(conditions.seed());
        this.invariants = new Invariants(this, identities, conditions.nodes());
        for (int i = 0; i < conditions.nodes(); i++) {
            nodes.add(new VirtualNode(
                    this,
                    i,
                    identities.node(i),
                    Duration.ofMillis(1 + random.nextInt(20)),
                    new Random(random.nextLong())));
        }
        // A ring and as many chords again: most pairs have disjoint ways.
        for (int i = 0; i < conditions.nodes(); i++) {
            join(i, (i + 1) % conditions.nodes());
        }
        for (int i = 0; i < conditions.nodes() / 2; i++) {
            join(random.nextInt(conditions.nodes()), random.nextInt(conditions.nodes()));
        }
        for (int i = 0; i < conditions.replicas(); i++) {
            replicas.add(new Replica(this, ledger, i, new Random(random.nextLong())));
        }
        nodes.forEach(VirtualNode::start);
        talk();
        look();
    }

    private void join(int one, int other) {
        boolean there = cables.stream().anyMatch(cable -> cable.joins(nodes.get(one), nodes.get(other)));
        if (one != other && !there) {
            TransportType type = random.nextBoolean() ? TransportType.TCP : TransportType.MESSAGING;
            SignedTransport signed = identities.transport(one, other, type);
            cables.add(new Cable(
                    this,
                    signed,
                    nodes.get(one),
                    nodes.get(other),
                    Duration.ofMillis(1 + random.nextInt(30)),
                    new Random(random.nextLong())));
        }
    }

    /// The whole of it: trouble, then quiet, then the last look.
    Verdict run() {
        Duration length = conditions.length();
        for (int i = 0; i < conditions.setups(); i++) {
            atSomeTime(length.minusSeconds(8), this::askAndMaybeClose);
        }
        for (int i = 0; i < conditions.cuts(); i++) {
            atSomeTime(length, () -> any(cables).reset("cut by the seed"));
        }
        for (int i = 0; i < conditions.partitions(); i++) {
            atSomeTime(length, this::partition);
        }
        for (int i = 0; i < conditions.stops(); i++) {
            atSomeTime(length, this::stopAndStart);
        }
        for (int i = 0; i < conditions.crashes(); i++) {
            atSomeTime(length, this::crash);
        }
        for (int i = 0; i < conditions.outages(); i++) {
            atSomeTime(length.minusSeconds(10), () -> outage(Duration.ofSeconds(2 + random.nextInt(6))));
        }
        for (int i = 0; i < conditions.attacks(); i++) {
            atSomeTime(length, () -> new Attack(this, random).strike());
        }
        plantFlaws(length);
        time.pass(length);
        return quiet();
    }

    /// Everything is whole from now on; a while later nothing may be left of the trouble.
    Verdict quiet() {
        story.tell("everything is whole from now on");
        faults = Faults.NONE;
        cables.forEach(Cable::heal);
        nodes.stream().filter(node -> !node.isAlive()).forEach(VirtualNode::start);
        nodes.forEach(node -> node.control().unblock());
        replicas.forEach(Replica::restart);
        time.pass(Conditions.QUIET);
        invariants.settled();
        List<String> last = story.last();
        return new Verdict(
                conditions.seed(),
                invariants.violations(),
                last,
                story.hash(),
                invariants.answers(),
                invariants.established());
    }

    private void atSomeTime(Duration within, Runnable event) {
        time.after(random.nextLong(within.toNanos()), event);
    }

    private <T> T any(List<T> among) {
        return among.get(random.nextInt(among.size()));
    }

    private void askAndMaybeClose() {
        VirtualNode from = any(nodes);
        VirtualNode to = any(nodes);
        if (from == to || !from.isAlive()) {
            return;
        }
        UUID id = from.ask(to.key());
        if (random.nextInt(3) == 0) {
            time.after(Duration.ofMillis(random.nextInt(15_000)), () -> {
                if (from.isAlive()) {
                    from.askAgain(id, to.key()); // the same id: the same answer
                }
            });
        }
        if (random.nextInt(3) == 0) {
            time.after(Duration.ofMillis(random.nextInt(20_000)), () -> closeOne(random.nextBoolean() ? from : to));
        }
    }

    private void closeOne(VirtualNode end) {
        ledger.routes().stream()
                .map(route -> route.uid)
                .filter(end::isOpen)
                .findFirst()
                .ifPresent(end::close);
    }

    private void partition() {
        List<Cable> parted = random.nextInt(3) > 0 ? List.of(any(cables)) : cablesOf(any(nodes));
        parted.forEach(Cable::part);
        time.after(Duration.ofMillis(500 + random.nextInt(8_000)), () -> parted.forEach(Cable::heal));
    }

    private void stopAndStart() {
        VirtualNode node = any(nodes);
        if (node.isAlive()) {
            node.stop();
            time.after(Duration.ofMillis(100 + random.nextInt(8_000)), () -> {
                if (!node.isAlive()) {
                    node.start();
                }
            });
        }
    }

    private void crash() {
        Replica replica = any(replicas);
        replica.crash();
        time.after(Duration.ofMillis(200 + random.nextInt(6_000)), () -> {
            if (!isOutage()) {
                replica.restart();
            }
        });
    }

    /// All replicas are gone for a while.
    void outage(Duration length) {
        invariants.outageBegins();
        outages++;
        replicas.forEach(Replica::crash);
        time.after(length, () -> {
            invariants.outageEnds();
            outages--;
            replicas.forEach(Replica::restart);
        });
    }

    boolean isOutage() {
        return outages > 0;
    }

    private void plantFlaws(Duration length) {
        if (conditions.has(Flaw.INVENTS_A_RULE)) {
            atSomeTime(length, () -> nodes.getFirst().invent());
        }
        if (conditions.has(Flaw.LOGS_A_SECRET)) {
            atSomeTime(length, () -> story.tell(nodes.getFirst().keys().secret().revealHex()));
        }
    }

    /// A setup node answers: with the flaw of answering unwritten, now is when a crash shows it.
    void answering(Replica replica) {
        if (conditions.has(Flaw.ANSWERS_UNWRITTEN) && random.nextInt(3) == 0) {
            time.after(Duration.ofMillis(1), replica::crash);
            time.after(Duration.ofSeconds(2), replica::restart);
        }
    }

    private void talk() {
        time.after(TALK, () -> {
            nodes.stream().filter(VirtualNode::isAlive).forEach(VirtualNode::talk);
            talk();
        });
    }

    private void look() {
        time.after(LOOK, () -> {
            invariants.check();
            look();
        });
    }

    static SignedRuleDelta parse(byte[] bytes) {
        try {
            return RuleProtos.fromProto(io.skywire.proto.v1.SignedRuleDelta.parseFrom(bytes));
        } catch (InvalidProtocolBufferException bug) {
            throw new IllegalStateException(bug);
        }
    }

    // --- the parts

    Conditions conditions() {
        return conditions;
    }

    Identities identities() {
        return identities;
    }

    VirtualTime time() {
        return time;
    }

    Story story() {
        return story;
    }

    Invariants invariants() {
        return invariants;
    }

    Ledger ledger() {
        return ledger;
    }

    Faults faults() {
        return faults;
    }

    void faults(Faults other) {
        faults = other;
    }

    List<VirtualNode> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    List<Cable> cables() {
        return Collections.unmodifiableList(cables);
    }

    List<Replica> replicas() {
        return Collections.unmodifiableList(replicas);
    }

    VirtualNode node(PublicKey key) {
        return nodes.get(identities.numberOf(key));
    }

    List<Cable> cablesOf(VirtualNode node) {
        return cables.stream()
                .filter(cable -> cable.one() == node || cable.other() == node)
                .toList();
    }

    Optional<Replica> anyReplica(Random by) {
        List<Replica> living = replicas.stream().filter(Replica::isAlive).toList();
        return living.isEmpty() ? Optional.empty() : Optional.of(living.get(by.nextInt(living.size())));
    }

    /// Whether some replica holds a session of that node.
    boolean isAttended(PublicKey node) {
        return replicas.stream().anyMatch(replica -> replica.attends(node));
    }

    /// The routes that are active, as the ledger says.
    List<RouteUid> active() {
        return ledger.routes().stream()
                .filter(route -> route.state == Ledger.State.ACTIVE)
                .map(route -> route.uid)
                .toList();
    }
}
