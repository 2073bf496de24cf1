package io.skywire.node;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.app.AddressBook;
import io.skywire.node.app.ConnectDoor;
import io.skywire.node.app.Forwards;
import io.skywire.node.app.Publication;
import io.skywire.node.app.Publications;
import io.skywire.node.app.Socks5Door;
import io.skywire.node.config.HostPort;
import io.skywire.node.config.NodeConfig;
import io.skywire.node.session.PeerSessions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// The applications' doors that the config asks for, open.
record NodeDoors(AddressBook book, Optional<Socks5Door> socks, Optional<ConnectDoor> connect, Forwards forwards) {

    /// @throws IOException if an address cannot be had; what was opened before is closed again
    static NodeDoors open(NodeConfig config, PeerSessions sessions, Publications publications, EventLoopGroup loops)
            throws IOException {
        AddressBook book = new AddressBook(config.aliases());
        for (NodeConfig.Published offer : config.published()) {
            Publication.Audience audience = offer.allow()
                    .<Publication.Audience>map(Publication.Audience.Only::new)
                    .orElseGet(Publication.Audience.Everyone::new);
            switch (publications.publish(new Publication(
                    offer.port(), protocol(offer.protocol()), offer.target().resolve(), audience))) {
                case Publications.Outcome.Published published -> {}
                case Publications.Outcome.Taken taken ->
                    throw new IOException("port " + offer.port() + " is published twice in " + config.file());
            }
        }
        Forwards forwards = new Forwards(loops, sessions::openStream);
        NodeDoors doors = new NodeDoors(book, Optional.empty(), Optional.empty(), forwards);
        try {
            for (NodeConfig.Forward forward : config.forwards()) {
                opened(forwards.open(new Forwards.Forward(forward.listen().resolve(), forward.peer(), forward.port())));
            }
            if (config.socks().isPresent()) {
                doors = new NodeDoors(
                        book,
                        Optional.of(opened(Socks5Door.open(
                                loops, resolve(config.socks()), sessions::openStream, sessions::openFlow, book))),
                        Optional.empty(),
                        forwards);
            }
            if (config.httpConnect().isPresent()) {
                doors = new NodeDoors(
                        book,
                        doors.socks(),
                        Optional.of(opened(
                                ConnectDoor.open(loops, resolve(config.httpConnect()), sessions::openStream, book))),
                        forwards);
            }
            return doors;
        } catch (IOException refused) {
            doors.close();
            throw refused;
        }
    }

    private static Publication.Protocol protocol(NodeConfig.Protocol protocol) {
        return switch (protocol) {
            case TCP -> Publication.Protocol.TCP;
            case UDP -> Publication.Protocol.UDP;
        };
    }

    private static InetSocketAddress resolve(Optional<HostPort> address) {
        return address.orElseThrow().resolve();
    }

    private static <T> T opened(CompletionStage<T> opening) throws IOException {
        try {
            return opening.toCompletableFuture().join();
        } catch (CompletionException refused) {
            if (refused.getCause() instanceof IOException reason) {
                throw reason;
            }
            throw refused;
        }
    }

    void close() {
        socks.ifPresent(Socks5Door::close);
        connect.ifPresent(ConnectDoor::close);
        forwards.closeAll();
    }
}
