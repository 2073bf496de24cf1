package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;

/// Where a part of the time of a setup went.
public record Phase(String name, @JsonProperty("took_ms") Duration took) {}
