package io.skywire.control.routefinder;

import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// Walks, one after the other, through the simple paths of one exact length that begin with one given hop.
///
/// Depth first with an explicit stack; the neighbours of each node in random rotation. A branch whose distance to the
/// target is more than the hops that are left is not entered. [Pruning#STATIC] measures that distance once, without
/// regard to the nodes already on the path: cheap, but it walks into dead ends behind a node that the path has used up.
/// [Pruning#RESIDUAL] measures again after each step, so that every branch it enters leads to the target.
final class PathCursor {
    enum Pruning {
        STATIC,
        RESIDUAL
    }

    private final SearchSpace space;
    private final Topology topology;
    private final int target;
    private final int length;
    private final int maxHops;
    private final Pruning pruning;
    private final RandomGenerator random;

    private final int[] path;
    private final int[] rotation;
    private final int[] tried;
    private final byte[][] distances;
    private int depth = 1;
    private boolean hasLonger;

    PathCursor(
            SearchSpace space,
            int source,
            int first,
            int target,
            int length,
            int maxHops,
            Pruning pruning,
            byte[] distancesFromSource,
            RandomGenerator random) {
        this.space = space;
        this.topology = space.topology();
        this.target = target;
        this.length = length;
        this.maxHops = maxHops;
        this.pruning = pruning;
        this.random = random;
        path = new int[length + 1];
        rotation = new int[length + 1];
        tried = new int[length + 1];
        distances = new byte[length + 1][];
        path[0] = source;
        distances[0] = distancesFromSource;
        enter(1, first);
    }

    /// Moves to the next path; gives it as nodes from source to target, or an empty array after the last one and when
    /// the work is spent.
    int[] next() {
        if (depth == length) {
            depth--; // back from the end of the path that was given last
        }
        while (depth >= 1) {
            int node = path[depth];
            int[] lanes = topology.lanes(node);
            int degree = Lanes.count(lanes);
            if (tried[depth] == degree) {
                depth--;
                continue;
            }
            if (!space.spend(1)) {
                return new int[0];
            }
            int i = (rotation[depth] + tried[depth]++) % degree;
            int next = Lanes.to(lanes, i);
            if (!space.isUsableLink(node, lanes, degree, i)) {
                continue;
            }
            int left = length - depth - 1;
            if (next == target) {
                if (left == 0) {
                    depth = length;
                    path[depth] = target;
                    return Arrays.copyOf(path, path.length);
                }
            } else if (!SearchSpace.contains(path, depth + 1, next)) {
                int distance = SearchSpace.hops(distances[depth], next);
                if (distance <= left) {
                    enter(depth + 1, next);
                } else if (distance <= maxHops - depth - 1) {
                    hasLonger = true;
                }
            }
        }
        return new int[0];
    }

    /// Whether a branch was left out only because it needs more hops than this length.
    boolean hasLonger() {
        return hasLonger;
    }

    private void enter(int level, int node) {
        depth = level;
        path[level] = node;
        rotation[level] = random.nextInt(Lanes.count(topology.lanes(node)));
        tried[level] = 0;
        distances[level] = switch (pruning) {
            case STATIC -> distances[level - 1];
            case RESIDUAL -> space.distancesTo(target, path, level + 1, maxHops - level);
        };
    }
}
