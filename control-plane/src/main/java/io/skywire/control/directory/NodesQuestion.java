package io.skywire.control.directory;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.util.Optional;

/// Which page of the node directory is asked for.
///
/// @param after the last key of the page before
/// @param limit at most [#MOST]
record NodesQuestion(Choice choice, Optional<PublicKey> after, int limit) {
    static final int MOST = 500;
    private static final String USUAL = "100";

    enum Choice {
        ALL,
        PUBLIC,
        HIDDEN
    }

    /// Reads the parameters of a query; an empty one was not given.
    static NodesQuestion parse(String isPublic, String after, String limit) throws BadInputException {
        Choice choice = switch (isPublic) {
            case "" -> Choice.ALL;
            case "true" -> Choice.PUBLIC;
            case "false" -> Choice.HIDDEN;
            default -> throw new BadInputException("public must be true or false");
        };
        return new NodesQuestion(
                choice,
                after.isEmpty() ? Optional.empty() : Optional.of(key("after", after)),
                limit(limit.isEmpty() ? USUAL : limit));
    }

    static PublicKey key(String name, String text) throws BadInputException {
        try {
            return PublicKey.parse(text);
        } catch (InvalidKeyException invalid) {
            throw new BadInputException(name + " must be a public key, 66 hex digits or 53 base32 letters");
        }
    }

    private static int limit(String text) throws BadInputException {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException noNumber) {
            // said below
        }
        throw new BadInputException("limit must be a number from 1 to " + MOST);
    }
}
