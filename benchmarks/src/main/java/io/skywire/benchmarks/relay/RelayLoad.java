package io.skywire.benchmarks.relay;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.skywire.node.letters.Workspace;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.PublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Drives a messaging server and a [PlainPipe], both in processes of their own, and prints one JSON object of figures.
///
/// `RelayLoad RELAY_PORT RELAY_KEY RELAY_PID IDLE_PORT IDLE_KEY IDLE_PID PIPE_PID IDLE_CLIENTS PIPE_PORT…`, ports of
/// loopback; the idle clients go to a server of their own, which has relayed nothing before.
final class RelayLoad {
    private static final long MEMORY = 512L << 20;
    private static final int LARGE = 16_000;

    private RelayLoad() {}

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress relay = loopback(arguments[0]);
        PublicKey relayKey = PublicKey.parse(arguments[1]);
        ProcessCpu relayCpu = new ProcessCpu(Long.parseLong(arguments[2]));
        InetSocketAddress idle = loopback(arguments[3]);
        PublicKey idleKey = PublicKey.parse(arguments[4]);
        ProcessCpu idleCpu = new ProcessCpu(Long.parseLong(arguments[5]));
        ProcessCpu pipeCpu = new ProcessCpu(Long.parseLong(arguments[6]));
        int idleClients = Integer.parseInt(arguments[7]);
        List<InetSocketAddress> pipes = Arrays.stream(arguments, 8, arguments.length)
                .map(RelayLoad::loopback)
                .toList();

        EventLoopGroup loops = EventLoops.open("load", 1);
        EventLoop loop = loops.next();
        Workspace workspace = new Workspace(MEMORY, MEMORY);
        Map<String, Object> figures = new LinkedHashMap<>();

        Stream large = Stream.throughRelay(loop, workspace, relay, relayKey, relayCpu, LARGE);
        figures.put("relay_large", large.measure().asMap());
        Map<String, Object> piped = new LinkedHashMap<>();
        for (InetSocketAddress pipe : pipes) {
            piped.put(
                    String.valueOf(pipe.getPort()),
                    Stream.throughPipe(loop, pipe, pipeCpu).measure().asMap());
        }
        figures.put("pipes", piped);
        for (int payload : new int[] {64, 1_400}) {
            figures.put(
                    "relay_" + payload,
                    Stream.throughRelay(loop, workspace, relay, relayKey, relayCpu, payload)
                            .measure()
                            .asMap());
        }
        figures.put("fairness", Fairness.measure(loop, workspace, relay, relayKey));
        figures.put("idle", IdleClients.measure(loop, workspace, idle, idleKey, idleCpu, idleClients));
        System.out.println(new JsonMapper().writeValueAsString(figures));
        System.exit(0);
    }

    private static InetSocketAddress loopback(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }
}
