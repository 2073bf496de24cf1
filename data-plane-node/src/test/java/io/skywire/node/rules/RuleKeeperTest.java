package io.skywire.node.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.skywire.node.router.QuietEnds;
import io.skywire.node.router.Router;
import io.skywire.node.router.RoutingTable;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// I2: only whitelisted keys, only for this node, only forwards in time.
class RuleKeeperTest {
    private final Random random = new Random(11);
    private final KeyPair node = KeyPair.generate(random);
    private final KeyPair setup = KeyPair.generate(random);
    private final KeyPair stranger = KeyPair.generate(random);
    private final RoutingTable table = new Router(
                    new Router.Settings(10),
                    new QuietEnds(),
                    new QuietEnds(),
                    new EmbeddedChannel().eventLoop(),
                    System::nanoTime,
                    random)
            .table();
    private final RuleKeeper keeper =
            new RuleKeeper(node.publicKey(), Set.of(setup.publicKey()), table, InstantSource.fixed(Instant.EPOCH));
    private final TransportId transport = new TransportId(new UUID(1, 2));

    /// A rule for a link that is not up: the table refuses it, the delta is applied all the same.
    private final Rule rule =
            new Rule.Relay(transport, new RouteId(1), transport, new RouteId(2), Duration.ofSeconds(60));

    private RuleDelta increment(PublicKey of, long base, long revision) {
        return new RuleDelta(of, RuleDelta.Kind.INCREMENT, base, revision, List.of(), List.of(rule), Instant.EPOCH);
    }

    private RuleDelta snapshot(long revision) {
        return new RuleDelta(
                node.publicKey(), RuleDelta.Kind.SNAPSHOT, 0, revision, List.of(), List.of(), Instant.EPOCH);
    }

    private DeltaOutcome.Reason reasonOf(SignedRuleDelta delta) {
        DeltaOutcome outcome = keeper.apply(delta);
        assertThat(outcome).isInstanceOf(DeltaOutcome.Refused.class);
        return ((DeltaOutcome.Refused) outcome).reason();
    }

    @Test
    void appliesDeltasThatFollowEachOther() {
        assertThat(keeper.apply(SignedRuleDelta.sign(snapshot(3), setup)))
                .isEqualTo(new DeltaOutcome.Applied(3, List.of()));
        DeltaOutcome outcome = keeper.apply(SignedRuleDelta.sign(increment(node.publicKey(), 3, 5), setup));

        assertThat(outcome).isInstanceOf(DeltaOutcome.Applied.class);
        assertThat(((DeltaOutcome.Applied) outcome).refusals())
                .extracting(RoutingTable.Refusal::reason)
                .containsExactly(RoutingTable.Refusal.Reason.NO_SUCH_TRANSPORT);
        assertThat(keeper.revision()).isEqualTo(5);
    }

    @Test
    void refusesASignerOutsideTheWhitelist() {
        assertThat(reasonOf(SignedRuleDelta.sign(snapshot(1), stranger)))
                .isEqualTo(DeltaOutcome.Reason.UNLISTED_SIGNER);
        assertThat(keeper.revision()).isZero();
        assertThat(keeper.refusals()).containsEntry(DeltaOutcome.Reason.UNLISTED_SIGNER, 1L);
    }

    @Test
    void refusesASignatureOfSomebodyElseUnderAListedName() {
        SignedRuleDelta forged = SignedRuleDelta.sign(snapshot(1), stranger);
        SignedRuleDelta renamed =
                SignedRuleDelta.of(forged.delta(), setup.publicKey().bytes(), forged.signature());

        assertThat(reasonOf(renamed)).isEqualTo(DeltaOutcome.Reason.BAD_SIGNATURE);
    }

    @Test
    void refusesADeltaForAnotherNode() {
        assertThat(reasonOf(SignedRuleDelta.sign(increment(stranger.publicKey(), 0, 1), setup)))
                .isEqualTo(DeltaOutcome.Reason.OTHER_NODE);
    }

    @Test
    void refusesAReplayAndAnOldRevision() {
        SignedRuleDelta first = SignedRuleDelta.sign(snapshot(4), setup);
        keeper.apply(first);

        assertThat(reasonOf(first)).isEqualTo(DeltaOutcome.Reason.OLD_REVISION);
        assertThat(reasonOf(SignedRuleDelta.sign(snapshot(3), setup))).isEqualTo(DeltaOutcome.Reason.OLD_REVISION);
        assertThat(keeper.revision()).isEqualTo(4);
    }

    @Test
    void refusesADeltaThatStartsElsewhere() {
        keeper.apply(SignedRuleDelta.sign(snapshot(4), setup));

        assertThat(reasonOf(SignedRuleDelta.sign(increment(node.publicKey(), 5, 6), setup)))
                .isEqualTo(DeltaOutcome.Reason.REVISION_GAP);
    }

    @Test
    void refusesBytesThatAreNoDelta() {
        assertThat(reasonOf(SignedRuleDelta.of(new byte[0], new byte[33], new byte[65])))
                .isEqualTo(DeltaOutcome.Reason.MALFORMED);
    }
}
