package io.skywire.control.blame;

import io.skywire.control.blame.Subject.Node;
import io.skywire.control.blame.Subject.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;

/// A subject without what else is known of it: as hex digits of a key, or as the id of a transport.
record SubjectName(String text) {
    static SubjectName of(Subject subject) {
        return switch (subject) {
            case Node node -> new SubjectName(node.key().hex());
            case Transport transport -> new SubjectName(transport.id().toString());
        };
    }

    static SubjectName of(byte[] bytes) {
        return new SubjectName(
                bytes.length == PublicKey.LENGTH
                        ? PublicKey.of(bytes).hex()
                        : TransportId.of(bytes).toString());
    }

    /// @throws IllegalArgumentException if the text is neither a key nor an id
    static SubjectName parse(String text) {
        return of(new SubjectName(text).bytes());
    }

    /// 33 bytes of a key or 16 of a transport's id.
    byte[] bytes() {
        return text.length() == 2 * PublicKey.LENGTH
                ? PublicKey.parse(text).bytes()
                : TransportId.parse(text).bytes();
    }
}
