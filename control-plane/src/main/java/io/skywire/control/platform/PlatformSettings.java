package io.skywire.control.platform;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire`.
///
/// @param keysDirectory where `service.key` and `setup.key` lie, with the public keys in `.pub` files beside them
/// @param jsonLog whether the log is one JSON object per line; see [JsonLogOption]
@ConfigurationProperties("skywire")
record PlatformSettings(
        @DefaultValue("keys") Path keysDirectory,
        @DefaultValue("false") boolean jsonLog) {}
