package io.skywire.benchmarks;

import io.skywire.control.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import org.jgrapht.Graph;
import org.jgrapht.GraphPath;
import org.jgrapht.alg.interfaces.ShortestPathAlgorithm;
import org.jgrapht.alg.shortestpath.BidirectionalDijkstraShortestPath;
import org.jgrapht.alg.shortestpath.DijkstraShortestPath;
import org.jgrapht.alg.util.Triple;
import org.jgrapht.graph.AsUnweightedGraph;
import org.jgrapht.opt.graph.sparse.SparseIntUndirectedWeightedGraph;

/// The same network and prices in JGraphT's most compact graph.
final class JGraphTPeer {
    private final Graph<Integer, Integer> graph;

    JGraphTPeer(ScaleFreeNetwork network, Topology topology) {
        List<Triple<Integer, Integer, Double>> edges = new ArrayList<>(network.transports());
        for (int i = 0; i < network.transports(); i++) {
            double price = topology.price(topology.find(network.id(i)).orElseThrow());
            edges.add(Triple.of(network.from(i), network.to(i), price));
        }
        graph = new SparseIntUndirectedWeightedGraph(network.nodes(), edges);
    }

    /// Both of JGraphT's algorithms for one pair; which is faster depends on the network.
    ShortestPathAlgorithm<Integer, Integer> dijkstra() {
        return new DijkstraShortestPath<>(graph);
    }

    ShortestPathAlgorithm<Integer, Integer> bidirectional() {
        return new BidirectionalDijkstraShortestPath<>(graph);
    }

    int hops(int from, int to) {
        GraphPath<Integer, Integer> path =
                new BidirectionalDijkstraShortestPath<>(new AsUnweightedGraph<>(graph)).getPath(from, to);
        return path == null ? -1 : path.getLength();
    }
}
