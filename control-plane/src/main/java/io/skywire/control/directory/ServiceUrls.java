package io.skywire.control.directory;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Where a visor finds the services: settings under `skywire.services`, and the very document that `GET /config` gives.
/// What is empty is left out of the document.
@ConfigurationProperties("skywire.services")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record ServiceUrls(
        @JsonProperty("dmsg_discovery") @DefaultValue("") String dmsgDiscovery,

        @JsonProperty("transport_discovery") @DefaultValue("")
        String transportDiscovery,

        @JsonProperty("address_resolver") @DefaultValue("") String addressResolver,
        @JsonProperty("route_finder") @DefaultValue("") String routeFinder,
        @JsonProperty("route_setup_nodes") @DefaultValue List<String> routeSetupNodes,
        @JsonProperty("transport_setup") @DefaultValue List<String> transportSetup,
        @JsonProperty("uptime_tracker") @DefaultValue("") String uptimeTracker,
        @JsonProperty("service_discovery") @DefaultValue("") String serviceDiscovery,
        @JsonProperty("stun_servers") @DefaultValue List<String> stunServers,
        @JsonProperty("dns_server") @DefaultValue("") String dnsServer,
        @JsonProperty("survey_whitelist") @DefaultValue List<String> surveyWhitelist) {
    ServiceUrls {
        routeSetupNodes = List.copyOf(routeSetupNodes);
        transportSetup = List.copyOf(transportSetup);
        stunServers = List.copyOf(stunServers);
        surveyWhitelist = List.copyOf(surveyWhitelist);
    }
}
