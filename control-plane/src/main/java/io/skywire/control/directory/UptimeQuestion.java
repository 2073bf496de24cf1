package io.skywire.control.directory;

import io.skywire.control.directory.UptimeLedger.Days;
import io.skywire.control.directory.UptimeLedger.Presence;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Whose uptime of which days is asked for.
///
/// @param nodes empty for all
record UptimeQuestion(List<PublicKey> nodes, Presence presence, Days days) {
    static final int MAX_NODES = 100;
    static final int MAX_DAYS = 62;

    UptimeQuestion {
        nodes = List.copyOf(nodes);
    }

    /// Reads the parameters of a query; an empty one was not given. Dates are seconds since 1970, both days included.
    static UptimeQuestion parse(String visors, String startDate, String endDate, String status, Days month)
            throws BadInputException {
        Presence presence = switch (status) {
            case "on" -> Presence.ONLINE;
            case "off" -> Presence.OFFLINE;
            default -> Presence.ANY;
        };
        return new UptimeQuestion(keys(visors), presence, days(startDate, endDate, month));
    }

    static PublicKey key(String text) throws BadInputException {
        if (text.length() != 2 * PublicKey.LENGTH) {
            throw new BadInputException("public key is invalid");
        }
        try {
            return PublicKey.parse(text);
        } catch (InvalidKeyException invalid) {
            throw new BadInputException("public key is invalid");
        }
    }

    private static List<PublicKey> keys(String list) throws BadInputException {
        List<PublicKey> keys = new ArrayList<>();
        if (!list.isEmpty()) {
            String[] texts = list.split(",", -1);
            if (texts.length > MAX_NODES) {
                throw new BadInputException("at most " + MAX_NODES + " visors in one request");
            }
            for (String text : texts) {
                keys.add(key(text));
            }
        }
        return keys;
    }

    private static Days days(String start, String end, Days month) throws BadInputException {
        LocalDate last = end.isEmpty() ? month.last() : day(end);
        LocalDate first = start.isEmpty() ? last.withDayOfMonth(1) : day(start);
        long count = ChronoUnit.DAYS.between(first, last) + 1;
        if (count < 1 || count > MAX_DAYS) {
            throw new BadInputException("startDate to endDate must be 1 to " + MAX_DAYS + " days");
        }
        return new Days(first, last);
    }

    private static LocalDate day(String seconds) throws BadInputException {
        try {
            long second = Long.parseLong(seconds);
            if (second >= 0 && second <= Integer.MAX_VALUE * 4L) {
                return LocalDate.ofInstant(Instant.ofEpochSecond(second), ZoneOffset.UTC);
            }
        } catch (NumberFormatException malformed) {
            // said below
        }
        throw new BadInputException("a date must be in seconds since 1970");
    }
}
