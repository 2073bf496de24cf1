package io.skywire.node.session;

import io.skywire.shared.key.PublicKey;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Trusts a certificate if, and only if, it proves the node key that is expected on this connection. The engine's peer
/// host is that key in hex, at either end.
final class PeerTrust extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, engine);
    }

    private static void check(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
        if (chain.length != 1) {
            throw new CertificateException("a node shows one certificate, not " + chain.length);
        }
        PublicKey proven = TlsBinding.provenKey(chain[0]);
        // The engine's own getPeerHost() is null in Netty's QUIC; its session knows.
        String expected = engine.getSession().getPeerHost();
        if (!proven.hex().equals(expected)) {
            throw new CertificateException("the peer proved key " + proven.hex() + ", not " + expected);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException withoutEngine() {
        return new CertificateException("a peer is judged only where it is known which key is expected");
    }
}
