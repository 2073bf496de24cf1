package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A node at one moment.
///
/// @param node its public key
/// @param name `<base32>.sky`
/// @param listen where neighbours' links arrive, with the port that was bound
/// @param links the links this node keeps, up or not
/// @param messaging sessions with messaging servers; none: the config wants none
/// @param rulesPulled by which way the newest session with a control plane went: `direct` or `messaging`
/// @param rulesKept what of the rules is on disk
public record StatusView(
        PublicKey node,
        String name,
        String version,
        Instant started,
        @JsonProperty("uptime_ms") Duration uptime,
        ControlPlane controlPlane,
        Optional<String> listen,
        Counts counts,
        Doors doors,
        List<Link> links,
        Optional<Messaging> messaging,
        String rulesPulled,
        Reachability reachability,
        Kept rulesKept) {
    /// @param connectedTo address of the control plane that holds this node's session; none: away
    /// @param via by which way: `direct` or `messaging`; none: away
    /// @param gateway the gateway's key where it is `messaging`
    /// @param appliedRevision of the rule table; 0 before the first delta
    /// @param appliedRevisionAge how long ago it was applied
    /// @param clockOffset how far its clock was ahead of this node's when the newest session began
    /// @param lastContactAge how long ago this process had a session; zero while it has one; none: it never had
    public record ControlPlane(
            Optional<String> connectedTo,
            Optional<String> via,
            Optional<PublicKey> gateway,
            Optional<Instant> since,
            long appliedRevision,
            @JsonProperty("applied_revision_age_ms") Optional<Duration> appliedRevisionAge,
            Optional<String> lastError,
            @JsonProperty("clock_offset_ms") Optional<Duration> clockOffset,
            @JsonProperty("last_contact_age_ms") Optional<Duration> lastContactAge) {}

    /// The rules on disk.
    ///
    /// @param restored rules that came back when this node started
    /// @param restoredRevision at which they stood; 0: there were none
    /// @param unsaved why what was applied last is not on disk; none: it is, or will be in a moment
    public record Kept(int restored, long restoredRevision, Optional<String> unsaved) {}

    /// Whether others can dial this node, as the control plane found when it dialled back.
    ///
    /// @param address where the node was reached
    /// @param why it was not, for people
    /// @param seen the address that this node's session comes from, as the control plane sees it
    /// @param checked when the answer came
    public record Reachability(
            Reachable state,
            Optional<String> address,
            Optional<String> why,
            Optional<String> seen,
            Optional<Instant> checked,
            List<DialledBack> addresses) {}

    public enum Reachable {
        YES,
        NO,
        UNKNOWN
    }

    /// One address that this node says it can be dialled at.
    ///
    /// @param dialled what the control plane dialled for it; none: nothing
    public record DialledBack(String asked, Optional<String> dialled, DialOutcome outcome, String detail) {}

    public enum DialOutcome {
        /// This node's key was proved there.
        REACHABLE,
        REFUSED,
        TIMED_OUT,
        /// Somebody listens there who does not hold this node's key.
        OTHER_KEY,
        /// The control plane dials no such address.
        FORBIDDEN,
        /// It had too much to dial.
        BUSY
    }

    public record Counts(int transportsUp, int routes, int rules, int sessions) {}

    /// The addresses that applications and people use, with the ports that were bound.
    public record Doors(
            Optional<String> socks, Optional<String> httpConnect, Optional<String> metrics, Path apiSocket) {}

    /// @param lastFailure survives success, so that a flapping link can be understood
    public record Link(PublicKey peer, String address, LinkState state, Optional<String> lastFailure) {}

    /// @param published when the messaging discovery took the newest entry of this node
    /// @param observedAddress from where a server saw this node come
    /// @param problems what an operator should act on
    public record Messaging(
            List<Server> servers,
            Optional<Instant> published,
            Optional<String> observedAddress,
            List<String> problems,
            long lettersIn,
            long lettersOut) {}

    /// A session with a messaging server, or the attempt at one.
    public record Server(
            PublicKey server,
            String address,
            ServerState state,
            Optional<Instant> since,
            @JsonProperty("round_trip_ms") Optional<Duration> roundTrip) {}

    public enum ServerState {
        OPENING,
        UP,
        /// The server is about to end.
        LEAVING
    }

    /// The `NAME.sky` of a key.
    public static String nameOf(PublicKey node) {
        return node.base32() + ".sky";
    }
}
