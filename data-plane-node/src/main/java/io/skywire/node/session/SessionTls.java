package io.skywire.node.session;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.ssl.ClientAuth;
import io.skywire.shared.key.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;

/// TLS 1.3 for a node's QUIC connections, with the node's own certificate at either end.
final class SessionTls {
    /// The protocol of sessions, and its version.
    static final String ALPN = "skywire/1";

    private final QuicSslContext client;
    private final QuicSslContext server;

    SessionTls(NodeCertificate own) {
        PeerTrust trust = new PeerTrust();
        client = QuicSslContextBuilder.forClient()
                .keyManager(own.key(), null, own.certificate())
                .trustManager(trust)
                .applicationProtocols(ALPN)
                .build();
        server = QuicSslContextBuilder.forServer(own.key(), null, own.certificate())
                .trustManager(trust)
                .clientAuth(ClientAuth.REQUIRE)
                .applicationProtocols(ALPN)
                .build();
    }

    QuicSslEngine dialling(PublicKey peer, QuicChannel channel) {
        return client.newEngine(channel.alloc(), peer.hex(), 0);
    }

    QuicSslEngine answering(PublicKey peer, QuicChannel channel) {
        return server.newEngine(channel.alloc(), peer.hex(), 0);
    }

    /// The key that the other end has proven. Asked once more after the handshake, because a resumed TLS session would
    /// not ask the trust manager.
    static PublicKey provenKey(SSLEngine engine) throws CertificateException {
        try {
            if (engine.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate) {
                return TlsBinding.provenKey(certificate);
            }
            throw new CertificateException("the peer's certificate is not X.509");
        } catch (SSLPeerUnverifiedException withoutCertificate) {
            throw new CertificateException("the peer showed no certificate", withoutCertificate);
        }
    }
}
