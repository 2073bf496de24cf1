package io.skywire.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Rows in aligned columns. Not thread-safe.
final class Table {
    private static final String GAP = "  ";

    private final List<String> titles = new ArrayList<>();
    private final List<Side> sides = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private enum Side {
        LEFT,
        RIGHT
    }

    Table left(String... columns) {
        return add(Side.LEFT, columns);
    }

    /// For numbers.
    Table right(String... columns) {
        return add(Side.RIGHT, columns);
    }

    private Table add(Side side, String... columns) {
        for (String column : columns) {
            titles.add(column);
            sides.add(side);
        }
        return this;
    }

    void row(Object... cells) {
        if (cells.length != titles.size()) {
            throw new IllegalStateException("a row of " + cells.length + " cells in " + titles.size() + " columns");
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(String.valueOf(cell));
        }
        rows.add(row);
    }

    /// Titles and rows, or the sentence `none` where there are no rows.
    String text(String none) {
        if (rows.isEmpty()) {
            return none;
        }
        int[] widths = IntStream.range(0, titles.size()).map(this::width).toArray();
        StringBuilder text = new StringBuilder(line(titles, widths));
        rows.forEach(row -> text.append('\n').append(line(row, widths)));
        return text.toString();
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String padding = " ".repeat(widths[column] - cells.get(column).length());
            line.append(column == 0 ? "" : GAP)
                    .append(
                            sides.get(column) == Side.RIGHT
                                    ? padding + cells.get(column)
                                    : cells.get(column) + padding);
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        int width = titles.get(column).length();
        for (List<String> row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return width;
    }
}
