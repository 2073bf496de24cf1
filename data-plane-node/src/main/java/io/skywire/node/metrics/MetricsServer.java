package io.skywire.node.metrics;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.skywire.node.loops.EventLoops;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Shows a node's, a messaging server's or a gateway's numbers at `/metrics` in Prometheus' text format, and `ok` at
/// `/healthz` while the process lives. On one thread of its own; one request per connection.
public final class MetricsServer implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 32;
    private static final int LARGEST_BODY = 1024;
    private static final int REQUEST_SECONDS = 10;
    private static final int WRITE_SECONDS = 30;
    private static final int CLOSE_SECONDS = 5;

    /// In units that are no base units, or named like a part of a histogram; others say the same.
    private static final Set<String> ODD_NAMES = Set.of("process.cpu.time", "system.cpu.count");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final EventLoopGroup loop = EventLoops.openNio("node-metrics", 1);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private InetSocketAddress address;

    private MetricsServer(MeterBinder meters, InetSocketAddress wanted) {
        this.address = wanted;
        registry.config().meterFilter(MeterFilter.deny(id -> ODD_NAMES.contains(id.getName())));
        meters.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /// @throws MetricsStartException if the address cannot be bound
    public static MetricsServer start(InetSocketAddress address, NodeReadings node) throws MetricsStartException {
        return start(address, new NodeMeters(node));
    }

    /// @throws MetricsStartException if the address cannot be bound
    public static MetricsServer start(InetSocketAddress address, RelayReadings relay) throws MetricsStartException {
        return start(address, new RelayMeters(relay));
    }

    /// @throws MetricsStartException if the address cannot be bound
    public static MetricsServer start(InetSocketAddress address, GatewayReadings gateway) throws MetricsStartException {
        return start(address, new GatewayMeters(gateway));
    }

    private static MetricsServer start(InetSocketAddress address, MeterBinder meters) throws MetricsStartException {
        MetricsServer server = new MetricsServer(meters, address);
        ChannelFuture bound = server.bind().awaitUninterruptibly();
        if (!bound.isSuccess()) {
            server.close();
            throw new MetricsStartException("cannot serve metrics at " + address.getHostString() + ":"
                    + address.getPort() + ": " + bound.cause().getMessage());
        }
        server.connections.add(bound.channel());
        server.address = (InetSocketAddress) bound.channel().localAddress();
        return server;
    }

    /// With the port that was bound.
    public InetSocketAddress address() {
        return address;
    }

    private ChannelFuture bind() {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.size() > MOST_CONNECTIONS) {
                            channel.close();
                            return;
                        }
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(REQUEST_SECONDS))
                                .addLast(new WriteTimeoutHandler(WRITE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(LARGEST_BODY))
                                .addLast(new ScrapeHandler(registry));
                    }
                })
                .bind(address);
    }

    /// Ends all connections and frees the port. Returns when both are done, at most after seconds.
    @Override
    public void close() {
        connections.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        garbageCollection.close();
        registry.close();
    }
}
