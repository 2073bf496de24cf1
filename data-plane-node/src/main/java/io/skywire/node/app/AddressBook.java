package io.skywire.node.app;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Whom a name means: `NAME.sky`, where NAME is a key in base32 (53 letters) or hex (66 digits), or an alias of this
/// book. Upper and lower case are the same. Immutable.
public final class AddressBook {
    public static final AddressBook EMPTY = new AddressBook(Map.of());

    private static final String SUFFIX = ".sky";
    private static final Pattern ALIAS = Pattern.compile("[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?");

    private final Map<String, PublicKey> aliases;

    /// @throws IllegalArgumentException if an alias is no DNS label of at most 52 letters, digits and hyphens (a longer
    ///     one could be taken for a key), or comes twice
    public AddressBook(Map<String, PublicKey> aliases) {
        TreeMap<String, PublicKey> checked = new TreeMap<>();
        aliases.forEach((alias, key) -> {
            String name = alias.toLowerCase(Locale.ROOT);
            if (name.length() >= PublicKey.BASE32_LENGTH || !ALIAS.matcher(name).matches()) {
                throw new IllegalArgumentException("alias '" + alias + "' must be 1 to " + (PublicKey.BASE32_LENGTH - 1)
                        + " letters, digits or hyphens, with no hyphen at either end");
            }
            if (checked.put(name, key) != null) {
                throw new IllegalArgumentException("alias '" + alias + "' is in the address book twice");
            }
        });
        this.aliases = Map.copyOf(checked);
    }

    /// The aliases, in lower case.
    public Map<String, PublicKey> aliases() {
        return aliases;
    }

    /// Whom a host name with the ending `.sky` means.
    public Lookup resolve(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        if (!name.endsWith(SUFFIX)) {
            return new Lookup.Foreign("'" + printable(host) + "' is not a name of this network; names end in .sky");
        }
        return resolveName(name.substring(0, name.length() - SUFFIX.length()));
    }

    /// Whom a key or an alias without the ending means.
    public Lookup resolveName(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        if (name.length() == PublicKey.BASE32_LENGTH || name.length() == 2 * PublicKey.LENGTH) {
            try {
                return new Lookup.Found(PublicKey.parse(name));
            } catch (InvalidKeyException malformed) {
                return new Lookup.Unknown("'" + printable(text) + "' is not a public key");
            }
        }
        PublicKey key = aliases.get(name);
        return key == null
                ? new Lookup.Unknown("'" + printable(text)
                        + "' is neither an alias in the address book nor a key (53 base32 letters or 66 hex digits)")
                : new Lookup.Found(key);
    }

    /// The same host with its hex key in base32, for parsers that hold every label to the 63 letters of DNS.
    static String withShortLabel(String host) {
        int label = 2 * PublicKey.LENGTH;
        if (host.length() < label + SUFFIX.length()
                || !host.substring(label).toLowerCase(Locale.ROOT).startsWith(SUFFIX)) {
            return host;
        }
        try {
            return PublicKey.parse(host.substring(0, label)).base32() + host.substring(label);
        } catch (InvalidKeyException noKey) {
            return host;
        }
    }

    /// The text as one line of ASCII, without what could break a terminal or a log line.
    static String line(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    /// [#line], shortened to what fits a message.
    static String printable(String text) {
        String clean = line(text);
        return clean.length() <= 80 ? clean : clean.substring(0, 80) + "...";
    }

    /// The outcome of looking a name up.
    public sealed interface Lookup {
        record Found(PublicKey key) implements Lookup {}

        /// A name of this network that nobody has.
        record Unknown(String detail) implements Lookup {}

        /// Not a name of this network.
        record Foreign(String detail) implements Lookup {}
    }
}
