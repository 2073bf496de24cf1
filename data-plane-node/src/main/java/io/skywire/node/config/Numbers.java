package io.skywire.node.config;

/// Whole numbers within bounds as people write them.
final class Numbers {
    private static final int LONGEST = 10;

    private Numbers() {}

    static int parse(String text, String what, int lowest, int highest) {
        String expected = what + " is a whole number between " + lowest + " and " + highest + ", not '" + text + "'";
        boolean digits =
                !text.isEmpty() && text.length() <= LONGEST && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            throw new IllegalArgumentException(expected);
        }
        long value = Long.parseLong(text);
        if (value < lowest || value > highest) {
            throw new IllegalArgumentException(expected);
        }
        return (int) value;
    }
}
