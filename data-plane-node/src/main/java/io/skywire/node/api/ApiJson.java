package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/// How the views look in JSON: snake case in the order of the records, keys in hex, enums in lower case, instants in
/// ISO 8601, durations as milliseconds with up to three decimals. What is absent is `null`.
public final class ApiJson {
    /// Both ways. Immutable.
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .addModule(domain())
            .build();

    private ApiJson() {}

    private static SimpleModule domain() {
        SimpleModule module = new SimpleModule("skywire");
        text(module, PublicKey.class, PublicKey::hex, PublicKey::parse);
        text(module, TransportId.class, TransportId::toString, TransportId::parse);
        text(module, RouteUid.class, RouteUid::toString, RouteUid::parse);
        text(module, SessionUid.class, SessionUid::toString, text -> new SessionUid(UUID.fromString(text)));
        text(module, Path.class, Path::toString, Path::of);
        number(module, RouteId.class, id -> BigDecimal.valueOf(id.value()), n -> new RouteId(n.intValue()));
        number(module, Duration.class, ApiJson::milliseconds, ApiJson::duration);
        return module;
    }

    private static BigDecimal milliseconds(Duration duration) {
        BigDecimal exact = BigDecimal.valueOf(duration.getSeconds())
                .movePointRight(3)
                .add(BigDecimal.valueOf(duration.getNano(), 6))
                .setScale(3, RoundingMode.HALF_UP)
                .stripTrailingZeros();
        return exact.scale() < 0 ? exact.setScale(0, RoundingMode.UNNECESSARY) : exact;
    }

    private static Duration duration(BigDecimal milliseconds) {
        return Duration.ofNanos(
                milliseconds.movePointRight(6).setScale(0, RoundingMode.HALF_UP).longValue());
    }

    private static <T> void text(
            SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> read) {
        module.addSerializer(type, new StdSerializer<T>(type) {
            @Override
            public void serialize(T value, JsonGenerator json, SerializationContext context) {
                json.writeString(write.apply(value));
            }
        });
        module.addDeserializer(type, new StdDeserializer<T>(type) {
            @Override
            public T deserialize(JsonParser json, DeserializationContext context) {
                return read.apply(json.getString());
            }
        });
    }

    private static <T> void number(
            SimpleModule module, Class<T> type, Function<T, BigDecimal> write, Function<BigDecimal, T> read) {
        module.addSerializer(type, new StdSerializer<T>(type) {
            @Override
            public void serialize(T value, JsonGenerator json, SerializationContext context) {
                json.writeNumber(write.apply(value));
            }
        });
        module.addDeserializer(type, new StdDeserializer<T>(type) {
            @Override
            public T deserialize(JsonParser json, DeserializationContext context) {
                return read.apply(json.getDecimalValue());
            }
        });
    }
}
