package io.skywire.local;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Who is linked to whom in a local network. The first node of a link dials it.
///
/// @param servers how many messaging servers there are; with some, every node keeps sessions with them
/// @param wires what the links run through
/// @param standby whether sessions keep a second route
/// @param controlPlanes how many replicas of the control plane there are
record Shape(List<Member> members, List<Link> links, int servers, Wires wires, Standby standby, int controlPlanes) {
    static final String STRANGER = "n7";

    Shape {
        members = List.copyOf(members);
        links = List.copyOf(links);
        Set<String> names = new HashSet<>();
        for (Member member : members) {
            if (!names.add(member.name())) {
                throw new IllegalArgumentException("two nodes are called " + member.name());
            }
        }
        for (Link link : links) {
            if (!names.contains(link.dialler()) || !names.contains(link.listener())) {
                throw new IllegalArgumentException("link " + link + " names a node that is not there");
            }
        }
    }

    /// What leads from a node to its neighbours and to the control plane.
    enum Wires {
        STRAIGHT,
        /// Each link, and each way to the first control plane, goes through a [Tap] of its own, which is open at first.
        TAPPED
    }

    /// Whether the nodes' sessions outlive their route.
    public enum Standby {
        KEPT,
        NONE
    }

    /// Whose rules a node obeys.
    enum Obedience {
        /// The setup key of this network's control plane is in its whitelist.
        CONTROL_PLANE,
        /// Its whitelist holds another key, whose owner is nowhere.
        STRANGERS_KEY
    }

    /// How a node reaches the control plane.
    enum Reach {
        DIRECTLY,
        /// Nothing listens where it knows the control plane to be. It knows a gateway, and messaging servers.
        BY_GATEWAY
    }

    record Member(String name, Obedience obedience, Reach reach) {
        Member(String name, Obedience obedience) {
            this(name, obedience, Reach.DIRECTLY);
        }
    }

    record Link(String dialler, String listener) {
        boolean touches(String name) {
            return dialler.equals(name) || listener.equals(name);
        }
    }

    /// With one control plane.
    Shape(List<Member> members, List<Link> links, int servers, Wires wires, Standby standby) {
        this(members, links, servers, wires, standby, 1);
    }

    /// Without messaging servers.
    Shape(List<Member> members, List<Link> links) {
        this(members, links, 0);
    }

    /// With standby routes, where the network has any.
    Shape(List<Member> members, List<Link> links, int servers) {
        this(members, links, servers, Wires.STRAIGHT, Standby.KEPT);
    }

    /// Six nodes: two ways lead from n1 to n4, and one to n6.
    /// ```
    ///       ┌── n2 ──┐
    ///  n1 ──┼── n3 ──┴─ n4
    ///       └── n5 ──── n6
    /// ```
    static Shape disjointAndSingle(Wires wires) {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            members.add(new Member("n" + i, Obedience.CONTROL_PLANE));
        }
        return new Shape(
                members,
                List.of(
                        new Link("n1", "n2"),
                        new Link("n2", "n4"),
                        new Link("n1", "n3"),
                        new Link("n3", "n4"),
                        new Link("n1", "n5"),
                        new Link("n5", "n6")),
                0,
                wires,
                Standby.KEPT);
    }

    /// Eight nodes: two ways of three intermediaries each lead from n1 to n5, which share nothing between the ends.
    /// ```
    ///       ┌─ n2 ── n3 ── n4 ─┐
    ///  n1 ──┤                  ├── n5
    ///       └─ n6 ── n7 ── n8 ─┘
    /// ```
    static Shape twoWaysApart(Standby standby) {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            members.add(new Member("n" + i, Obedience.CONTROL_PLANE));
        }
        return new Shape(
                members,
                List.of(
                        new Link("n1", "n2"),
                        new Link("n2", "n3"),
                        new Link("n3", "n4"),
                        new Link("n4", LocalNetwork.SERVER),
                        new Link("n1", "n6"),
                        new Link("n6", "n7"),
                        new Link("n7", "n8"),
                        new Link("n8", LocalNetwork.SERVER)),
                0,
                Wires.STRAIGHT,
                standby);
    }

    /// n1, which dials n5 and does not reach it, nor the control plane; two messaging servers and a gateway.
    static Shape apartAndBlocked() {
        return apart(2, Reach.BY_GATEWAY);
    }

    /// n1, which dials n5 and does not reach it, and so many messaging servers.
    static Shape apart(int servers) {
        return apart(servers, Reach.DIRECTLY);
    }

    private static Shape apart(int servers, Reach reach) {
        return new Shape(
                List.of(
                        new Member("n1", Obedience.CONTROL_PLANE, reach),
                        new Member(LocalNetwork.SERVER, Obedience.CONTROL_PLANE)),
                List.of(new Link("n1", LocalNetwork.SERVER)),
                servers);
    }

    /// Some of everything that shows metrics: two control planes, a messaging server, a gateway, and five nodes, of
    /// which n5 reaches the control plane only through the gateway. Two ways lead from n1 to n4.
    /// ```
    ///       ┌── n2 ──┐
    ///  n1 ──┼── n3 ──┴─ n4
    ///       └── n5
    /// ```
    static Shape someOfEverything() {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            members.add(new Member("n" + i, Obedience.CONTROL_PLANE));
        }
        members.add(new Member("n5", Obedience.CONTROL_PLANE, Reach.BY_GATEWAY));
        return new Shape(
                members,
                List.of(
                        new Link("n1", "n2"),
                        new Link("n2", "n4"),
                        new Link("n1", "n3"),
                        new Link("n3", "n4"),
                        new Link("n1", "n5")),
                1,
                Wires.TAPPED,
                Standby.KEPT,
                2);
    }

    boolean needsGateway() {
        return members.stream().anyMatch(member -> member.reach() == Reach.BY_GATEWAY);
    }

    /// Six nodes: two ways of three intermediaries each lead from n1 to n5.
    /// ```
    ///            ┌── n3 ──┐
    ///  n1 ── n2 ─┤        ├─ n4 ── n5
    ///            └── n6 ──┘
    /// ```
    static Shape twoWays() {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            members.add(new Member("n" + i, Obedience.CONTROL_PLANE));
        }
        return new Shape(
                members,
                List.of(
                        new Link("n1", "n2"),
                        new Link("n2", "n3"),
                        new Link("n3", "n4"),
                        new Link("n4", "n5"),
                        new Link("n2", "n6"),
                        new Link("n6", "n4")));
    }

    /// This shape and a seventh node beside n2 that obeys a key which is not the control plane's.
    Shape withStranger() {
        List<Member> more = new ArrayList<>(members);
        more.add(new Member(STRANGER, Obedience.STRANGERS_KEY));
        List<Link> longer = new ArrayList<>(links);
        longer.add(new Link("n2", STRANGER));
        return new Shape(more, longer, servers, wires, standby, controlPlanes);
    }

    List<String> dialledBy(String name) {
        return links.stream()
                .filter(link -> link.dialler().equals(name))
                .map(Link::listener)
                .toList();
    }

    int degree(String name) {
        return Math.toIntExact(links.stream().filter(link -> link.touches(name)).count());
    }
}
