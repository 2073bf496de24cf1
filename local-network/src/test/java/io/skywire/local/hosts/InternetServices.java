package io.skywire.local.hosts;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.RunHome;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// The program that runs on the host of the servers: one control plane over an embedded PostgreSQL, open to the whole
/// network there, with TLS for agents. Prints one line when it is ready. Arguments: the keystore, its password, and the
/// networks whose nodes are dialled back.
final class InternetServices {
    private static final long NEEDED_BYTES = 300L << 20;

    private InternetServices() {}

    public static void main(String[] arguments) throws InterruptedException {
        RunHome home = RunHome.open("hosts", "servers", NEEDED_BYTES);
        ControlPlaneAlone controlPlane = ControlPlaneAlone.start(
                home,
                Map.of(
                        "server.address", "0.0.0.0",
                        "spring.grpc.server.address", "0.0.0.0",
                        "spring.grpc.server.ssl.bundle", "agents",
                        "spring.ssl.bundle.jks.agents.keystore.location", "file:" + arguments[0],
                        "spring.ssl.bundle.jks.agents.keystore.type", "PKCS12",
                        "spring.ssl.bundle.jks.agents.keystore.password", arguments[1],
                        "skywire.reachability.allowed", arguments[2]));
        home.endOnSignal(controlPlane::close);
        System.out.println("ready http=" + controlPlane.http("").getPort() + " agents="
                + controlPlane.agents().getPort() + " service="
                + controlPlane.serviceKey().hex() + " setup="
                + controlPlane.setupKey().hex());
        new CountDownLatch(1).await(); // until a signal, or the end of who started it
    }
}
