package io.skywire.benchmarks;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/// How the route finder's times grow with the network: a table and a plot, from a thousand to a million nodes.
final class RouteFinderScaling {
    private static final int[] NODES = {1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000};
    private static final int TRANSPORTS_PER_NODE = 4;
    private static final List<String> SERIES = List.of("hops", "weighted", "disjoint4");
    private static final List<Color> COLOURS = List.of(new Color(0x1f77b4), new Color(0xd62728), new Color(0x2ca02c));
    private static final String BEGIN = "<!-- scaling: written by the benchmark -->";
    private static final String END = "<!-- scaling ends -->";
    private static final int WIDTH = 900;
    private static final int HEIGHT = 560;
    private static final int LEFT = 80;
    private static final int RIGHT = 180;
    private static final int TOP = 40;
    private static final int BOTTOM = 60;

    private RouteFinderScaling() {}

    static void write(Path directory) throws IOException {
        List<Map<String, Double>> rows = new ArrayList<>();
        for (int nodes : NODES) {
            rows.add(RouteFinderBenchmark.scalingFigures(nodes, nodes * TRANSPORTS_PER_NODE));
            System.err.println(rows.getLast());
        }
        Files.createDirectories(directory);
        System.setProperty("java.awt.headless", "true");
        ImageIO.write(plot(rows), "png", directory.resolve("route-finder.png").toFile());
        Path page = directory.resolve("route-finder.md");
        String text = Files.exists(page) ? Files.readString(page) : BEGIN + "\n" + END + "\n";
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        Files.writeString(page, text.substring(0, begin) + "\n" + table(rows) + text.substring(text.indexOf(END)));
    }

    private static String table(List<Map<String, Double>> rows) {
        StringBuilder table = new StringBuilder("| nodes | transports | hops p50 | p99 | weighted p50 | p99 |"
                + " four disjoint p50 | p99 | bytes per transport | build s | change p99 |\n"
                + "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        for (Map<String, Double> row : rows) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %,d | %,d | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.2f | %.0f |%n",
                    row.getOrDefault("nodes", 0.0).longValue(),
                    row.getOrDefault("transports", 0.0).longValue(),
                    row.getOrDefault("hops_p50_us", 0.0),
                    row.getOrDefault("hops_p99_us", 0.0),
                    row.getOrDefault("weighted_p50_us", 0.0),
                    row.getOrDefault("weighted_p99_us", 0.0),
                    row.getOrDefault("disjoint4_p50_us", 0.0),
                    row.getOrDefault("disjoint4_p99_us", 0.0),
                    row.getOrDefault("snapshot_bytes_per_transport", 0.0),
                    row.getOrDefault("build_seconds", 0.0),
                    row.getOrDefault("apply_change_p99_us", 0.0)));
        }
        return table.toString();
    }

    /// Both axes are logarithmic; full lines are medians, dashed ones the 99th percentiles.
    private static BufferedImage plot(List<Map<String, Double>> rows) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, WIDTH, HEIGHT);
        pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        frame(pen);
        for (int i = 0; i < SERIES.size(); i++) {
            line(pen, rows, SERIES.get(i) + "_p50_us", COLOURS.get(i), new BasicStroke(2));
            float[] dashes = {6, 5};
            line(
                    pen,
                    rows,
                    SERIES.get(i) + "_p99_us",
                    COLOURS.get(i),
                    new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0));
        }
        pen.dispose();
        return image;
    }

    private static void frame(Graphics2D pen) {
        for (int power = 0; power <= 5; power++) {
            int y = y(Math.pow(10, power));
            pen.setColor(Color.LIGHT_GRAY);
            pen.drawLine(LEFT, y, WIDTH - RIGHT, y);
            pen.setColor(Color.BLACK);
            pen.drawString(
                    List.of("1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms")
                            .get(power),
                    20,
                    y + 5);
        }
        for (int power = 3; power <= 6; power++) {
            int x = x(Math.pow(10, power));
            pen.setColor(Color.LIGHT_GRAY);
            pen.drawLine(x, TOP, x, HEIGHT - BOTTOM);
            pen.setColor(Color.BLACK);
            pen.drawString(List.of("1 000", "10 000", "100 000", "1 000 000").get(power - 3), x - 25, HEIGHT - 38);
        }
        pen.drawString("nodes, with " + TRANSPORTS_PER_NODE + " transports for each", 280, HEIGHT - 14);
        pen.drawString("Time of one question; full line p50, dashed p99", LEFT, 24);
    }

    private static void line(
            Graphics2D pen, List<Map<String, Double>> rows, String key, Color colour, BasicStroke stroke) {
        pen.setColor(colour);
        pen.setStroke(stroke);
        for (int i = 1; i < rows.size(); i++) {
            pen.drawLine(
                    x(NODES[i - 1]),
                    y(rows.get(i - 1).getOrDefault(key, 1.0)),
                    x(NODES[i]),
                    y(rows.get(i).getOrDefault(key, 1.0)));
        }
        pen.drawString(
                key.replace("_us", "").replace('_', ' '),
                WIDTH - RIGHT + 12,
                y(rows.getLast().getOrDefault(key, 1.0)) + 5);
        pen.setStroke(new BasicStroke(1));
    }

    private static int x(double nodes) {
        return LEFT + (int) ((Math.log10(nodes) - 3) / 3 * (WIDTH - LEFT - RIGHT));
    }

    private static int y(double micros) {
        double decades = Math.max(0, Math.log10(micros));
        return HEIGHT - BOTTOM - (int) (decades / 5 * (HEIGHT - TOP - BOTTOM));
    }
}
