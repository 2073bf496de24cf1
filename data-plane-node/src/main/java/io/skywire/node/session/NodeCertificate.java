package io.skywire.node.session;

import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A self-signed P-256 certificate that carries a node key's [TlsBinding], with its private key. Made once per start
/// and kept in memory only.
///
/// BoringSSL takes no secp256k1 and Netty no Ed25519 certificates: P-256 is what works.
final class NodeCertificate {
    private static final X500Name NAME = new X500Name("CN=skywire node");
    /// Nobody looks at the dates: a board without a clock must be able to talk.
    private static final Date FROM = Date.from(Instant.parse("2000-01-01T00:00:00Z"));

    private static final Date UNTIL = Date.from(Instant.parse("2999-12-31T23:59:59Z"));

    private final X509Certificate certificate;
    private final PrivateKey key;

    private NodeCertificate(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    static NodeCertificate create(KeyPair node, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            java.security.KeyPair pair = generator.generateKeyPair();
            return create(pair, TlsBinding.sign(node, pair.getPublic().getEncoded()), random);
        } catch (GeneralSecurityException | OperatorCreationException | IOException broken) {
            throw new IllegalStateException("this JDK cannot make a P-256 certificate", broken);
        }
    }

    /// A certificate with that proof in it, right or wrong.
    static NodeCertificate create(java.security.KeyPair pair, byte[] binding, SecureRandom random)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        var builder =
                new JcaX509v3CertificateBuilder(NAME, new BigInteger(63, random), FROM, UNTIL, NAME, pair.getPublic());
        builder.addExtension(TlsBinding.OID, false, new DEROctetString(binding));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
        return new NodeCertificate(
                new JcaX509CertificateConverter().getCertificate(builder.build(signer)), pair.getPrivate());
    }

    X509Certificate certificate() {
        return certificate;
    }

    PrivateKey key() {
        return key;
    }

    @Override
    public String toString() {
        return "NodeCertificate";
    }
}
