package io.skywire.control.directory;

import io.skywire.shared.key.PublicKey;
import java.time.LocalDate;
import java.util.SortedMap;

/// What is known of one node.
///
/// @param version as the node told it; may be empty
/// @param secondsOf how many seconds of each day (UTC) it was there, of the days asked for
record NodeUptime(PublicKey node, boolean online, String version, SortedMap<LocalDate, Integer> secondsOf) {}
