package io.skywire.control.limits;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.limits`.
///
/// @param network HTTP requests of one source network, before anything of them is looked at
/// @param key HTTP requests that one key signed
/// @param uptimes requests of one source network to the uptime listings
/// @param sessionsPerNetwork agents' sessions that one source network opens
/// @param sessionsPerKey agents' sessions that one key proves
/// @param messagesPerSession messages that one session sends; more of them wait
/// @param dialBacksPerNetwork questions to be dialled back, from one source network
/// @param dialBacksPerKey questions to be dialled back, of one key
/// @param ipv4Prefix how many bits of an IPv4 address make a source network
/// @param ipv6Prefix how many bits of an IPv6 address make a source network
/// @param exempt networks that are never limited, by neither key nor network
/// @param tracked how many networks and how many keys are remembered at most
@ConfigurationProperties("skywire.limits")
record LimitSettings(
        @DefaultValue("2000/10s") Allowance network,
        @DefaultValue("600/1m") Allowance key,
        @DefaultValue("5/1m") Allowance uptimes,
        @DefaultValue("600/1m") Allowance sessionsPerNetwork,
        @DefaultValue("30/1m") Allowance sessionsPerKey,
        @DefaultValue("1000/1s") Allowance messagesPerSession,
        @DefaultValue("30/1m") Allowance dialBacksPerNetwork,
        @DefaultValue("6/1m") Allowance dialBacksPerKey,
        @DefaultValue("32") int ipv4Prefix,
        @DefaultValue("64") int ipv6Prefix,
        @DefaultValue({"127.0.0.0/8", "::1/128"}) List<String> exempt,
        @DefaultValue("100000") int tracked) {
    LimitSettings {
        exempt = List.copyOf(exempt);
        if (ipv4Prefix < 1 || ipv4Prefix > 32 || ipv6Prefix < 1 || ipv6Prefix > 128 || tracked < 1) {
            throw new IllegalArgumentException(
                    "skywire.limits: ipv4-prefix is 1 to 32, ipv6-prefix 1 to 128, tracked above zero");
        }
    }
}
