package io.skywire.node.session;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;

/// The proof, inside a TLS certificate, that a node key vouches for the certificate's key. (TLS knows P-256 but not the
/// curve of node keys.)
/// ```
///  0                        33                                98
///  +------------------------+----------------------------------+
///  | node key               | signature by the node key        |
///  +------------------------+----------------------------------+
///  signed: "skywire tls binding v1" | 00 | SubjectPublicKeyInfo of the certificate (DER)
/// ```
/// It is an OCTET STRING in a non-critical extension, [#OID]. Names and dates in the certificate mean nothing.
final class TlsBinding {
    /// An arc of our own under 2.25, the arc of UUIDs.
    static final ASN1ObjectIdentifier OID = new ASN1ObjectIdentifier("2.25.198177640503955110272178413160386157432");

    static final int LENGTH = PublicKey.LENGTH + Signature.LENGTH;
    private static final byte[] DOMAIN = "skywire tls binding v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_ENCODED = LENGTH + 16;

    private TlsBinding() {}

    /// The extension's content for a certificate with that key.
    static byte[] sign(KeyPair node, byte[] subjectPublicKeyInfo) {
        byte[] binding = new byte[LENGTH];
        node.publicKey().copyTo(binding, 0);
        System.arraycopy(
                node.sign(signedBytes(subjectPublicKeyInfo)).bytes(), 0, binding, PublicKey.LENGTH, Signature.LENGTH);
        return binding;
    }

    /// The node key that vouches for the certificate.
    ///
    /// @throws CertificateException if none does
    static PublicKey provenKey(X509Certificate certificate) throws CertificateException {
        byte[] encoded = certificate.getExtensionValue(OID.getId());
        if (encoded == null) {
            throw new CertificateException("the certificate carries no node key");
        }
        if (encoded.length > MAX_ENCODED) {
            throw new CertificateException("the node key's proof has " + encoded.length + " bytes, which is too many");
        }
        byte[] binding = octets(octets(encoded));
        if (binding.length != LENGTH) {
            throw new CertificateException("the node key's proof has " + LENGTH + " bytes, not " + binding.length);
        }
        PublicKey node;
        Signature signature;
        try {
            node = PublicKey.of(Arrays.copyOf(binding, PublicKey.LENGTH));
            signature = Signature.of(Arrays.copyOfRange(binding, PublicKey.LENGTH, LENGTH));
        } catch (InvalidKeyException malformed) {
            throw new CertificateException("the node key in the certificate is no key", malformed);
        }
        if (!node.verifies(signature, signedBytes(certificate.getPublicKey().getEncoded()))) {
            throw new CertificateException("node key " + node.shortHex() + " has not signed the certificate's key");
        }
        return node;
    }

    private static byte[] octets(byte[] der) throws CertificateException {
        try {
            if (ASN1Primitive.fromByteArray(der) instanceof ASN1OctetString octets) {
                return octets.getOctets();
            }
        } catch (IOException notDer) {
            throw new CertificateException("the node key's proof is not DER", notDer);
        }
        throw new CertificateException("the node key's proof is not an octet string");
    }

    private static byte[] signedBytes(byte[] subjectPublicKeyInfo) {
        byte[] bytes = Arrays.copyOf(DOMAIN, DOMAIN.length + subjectPublicKeyInfo.length);
        System.arraycopy(subjectPublicKeyInfo, 0, bytes, DOMAIN.length, subjectPublicKeyInfo.length);
        return bytes;
    }
}
