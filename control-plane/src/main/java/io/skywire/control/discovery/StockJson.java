package io.skywire.control.discovery;

import io.skywire.control.discovery.StockEntry.Privacy;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.identity.KnownKeys;
import io.skywire.control.identity.StockKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The documents of stock transport discovery. Reads as leniently as Go does where that harms nobody (names in any
/// case, unknown members, `null` for an empty list), and refuses the rest with [BadDocument] instead of guessing.
final class StockJson {
    private static final int MAX_LABEL = 64;

    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private final KnownKeys keys;

    StockJson(KnownKeys keys) {
        this.keys = keys;
    }

    /// What the caller sent and why it cannot be used.
    static final class BadDocument extends Exception {
        private static final long serialVersionUID = 1L;

        BadDocument(String message) {
            super(message);
        }
    }

    /// An edge's word on a transport.
    record Word(TransportId id, LinkState state) {}

    /// Empty for `null`, which is what Go sends for no list at all.
    Optional<List<Registration>> registrations(byte[] body) throws BadDocument {
        List<Registration> registrations = new ArrayList<>();
        Optional<List<JsonNode>> elements = elements(body);
        if (elements.isEmpty()) {
            return Optional.empty();
        }
        for (JsonNode element : elements.get()) {
            registrations.add(registration(element));
        }
        return Optional.of(registrations);
    }

    List<Word> words(byte[] body) throws BadDocument {
        List<Word> words = new ArrayList<>();
        for (JsonNode element : elements(body).orElse(List.of())) {
            JsonNode up = member(element, "is_up");
            if (up == null || !up.isBoolean()) {
                throw new BadDocument("is_up must be true or false");
            }
            words.add(new Word(id(text(element, "t_id")), up.booleanValue() ? LinkState.UP : LinkState.DOWN));
        }
        return words;
    }

    /// A list of transport ids; `null` for none.
    List<TransportId> ids(byte[] body) throws BadDocument {
        List<TransportId> ids = new ArrayList<>();
        for (JsonNode element : array(body).map(JsonNode::values).orElse(List.of())) {
            if (!element.isString()) {
                throw new BadDocument("transport ID is invalid");
            }
            ids.add(id(element.stringValue()));
        }
        return ids;
    }

    private Optional<List<JsonNode>> elements(byte[] body) throws BadDocument {
        Optional<JsonNode> array = array(body);
        if (array.isEmpty()) {
            return Optional.empty();
        }
        List<JsonNode> elements = new ArrayList<>();
        for (JsonNode element : array.get()) {
            if (!element.isObject()) {
                throw new BadDocument("bad entry format");
            }
            elements.add(element);
        }
        return Optional.of(elements);
    }

    private Optional<JsonNode> array(byte[] body) throws BadDocument {
        JsonNode root;
        try {
            root = json.readTree(body);
        } catch (JacksonException malformed) {
            throw new BadDocument("the body is not JSON: " + malformed.getOriginalMessage());
        }
        if (root == null || root.isMissingNode()) {
            throw new BadDocument("the body is empty");
        }
        if (root.isNull()) {
            return Optional.empty();
        }
        if (!root.isArray()) {
            throw new BadDocument("the body must be a JSON array");
        }
        if (root.size() > TransportRegistry.MAX_CLAIMS) {
            throw new BadDocument("at most " + TransportRegistry.MAX_CLAIMS + " transports at once");
        }
        return Optional.of(root);
    }

    private Registration registration(JsonNode element) throws BadDocument {
        JsonNode entry = member(element, "entry");
        if (entry == null || !entry.isObject()) {
            throw new BadDocument("bad entry format");
        }
        List<String> edges = pair(entry, "edges");
        List<String> signatures = pair(element, "signatures");
        String label = optionalText(entry, "label");
        if (label.length() > MAX_LABEL || label.chars().anyMatch(StockJson::isUnprintable)) {
            throw new BadDocument("label must be at most " + MAX_LABEL + " printable characters");
        }
        JsonNode published = member(entry, "public");
        Privacy privacy = published == null || !published.isBoolean()
                ? Privacy.UNSAID
                : published.booleanValue() ? Privacy.PUBLIC : Privacy.PRIVATE;
        try {
            PublicKey lower = keys.read(edges.getFirst());
            PublicKey higher = keys.read(edges.getLast());
            Signature lowerSignature = StockKeys.signature(signatures.getFirst());
            Signature higherSignature = StockKeys.signature(signatures.getLast());
            return new Registration(
                    new SignedTransport(
                            new TransportEntry(
                                    id(text(entry, "t_id")), lower, higher, new TransportType(text(entry, "type"))),
                            lowerSignature,
                            higherSignature),
                    label,
                    privacy);
        } catch (IllegalArgumentException invalid) {
            throw new BadDocument(String.valueOf(invalid.getMessage()));
        }
    }

    private static boolean isUnprintable(int c) {
        return Character.isISOControl(c) || Character.isSurrogate((char) c);
    }

    static TransportId id(String text) throws BadDocument {
        try {
            return TransportId.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new BadDocument("transport ID is invalid");
        }
    }

    private static List<String> pair(JsonNode object, String name) throws BadDocument {
        JsonNode array = member(object, name);
        if (array == null
                || !array.isArray()
                || array.size() != 2
                || !array.get(0).isString()
                || !array.get(1).isString()) {
            throw new BadDocument(name + " must be an array of two strings");
        }
        return List.of(array.get(0).stringValue(), array.get(1).stringValue());
    }

    private static String text(JsonNode object, String name) throws BadDocument {
        JsonNode value = member(object, name);
        if (value == null || !value.isString()) {
            throw new BadDocument(name + " must be a string");
        }
        return value.stringValue();
    }

    private static String optionalText(JsonNode object, String name) throws BadDocument {
        return member(object, name) == null ? "" : text(object, name);
    }

    /// The member of this name in whatever case; the exact one wins.
    private static @Nullable JsonNode member(JsonNode object, String name) {
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact.isNull() ? null : exact;
        }
        return object.properties().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .filter(value -> !value.isNull())
                .findFirst()
                .orElse(null);
    }

    String echo(List<Registration> registrations) {
        ArrayNode all = json.createArrayNode();
        for (Registration registration : registrations) {
            SignedTransport signed = registration.transport();
            TransportEntry entry = signed.entry();
            ObjectNode one = all.addObject();
            one.set("entry", entry(entry.id(), entry.lower(), entry.higher(), entry.type(), registration.label()));
            one.putArray("signatures")
                    .add(signed.lowerSignature().hex())
                    .add(signed.higherSignature().hex());
        }
        return all.toString();
    }

    String entry(StockEntry entry) {
        return entry(entry.id(), entry.lower(), entry.higher(), entry.type(), entry.label())
                .toString();
    }

    ObjectNode status(StockEntry entry) {
        ObjectNode one = json.createObjectNode();
        one.set("entry", entry(entry.id(), entry.lower(), entry.higher(), entry.type(), entry.label()));
        one.put("is_up", entry.views().merged());
        one.put("registered", entry.registered().getEpochSecond());
        one.put("updated", entry.updated().getEpochSecond());
        one.putArray("statuses").add(entry.views().lower()).add(entry.views().higher());
        return one;
    }

    String statuses(List<StockEntry> entries) {
        ArrayNode all = json.createArrayNode();
        entries.forEach(entry -> all.add(status(entry)));
        return all.toString();
    }

    String error(String message) {
        Map<String, String> error = new LinkedHashMap<>();
        error.put("error", message);
        return json.writeValueAsString(error);
    }

    private ObjectNode entry(TransportId id, PublicKey lower, PublicKey higher, TransportType type, String label) {
        ObjectNode entry = json.createObjectNode();
        entry.put("t_id", id.toString());
        entry.putArray("edges").add(lower.hex()).add(higher.hex());
        entry.put("type", type.name());
        entry.put("label", label);
        return entry;
    }
}
