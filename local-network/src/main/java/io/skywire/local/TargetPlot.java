package io.skywire.local;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/// A picture of what a report's figures are beside what was wanted: a bar for each, how many times better than wanted
/// to the right of the middle, how many times worse to the left of it.
final class TargetPlot {
    private static final int WIDTH = 980;
    private static final int ROW = 26;
    private static final int TOP = 46;
    private static final int BOTTOM = 34;
    private static final int MIDDLE = 560;
    private static final int PER_DOUBLING = 70;
    private static final double MOST_DOUBLINGS = 3;
    private static final Color HELD = new Color(0x2e7d32);
    private static final Color MISSED = new Color(0xc62828);

    private TargetPlot() {}

    /// Writes a PNG; figures whose target is zero have no place in it.
    static void write(String title, List<Report.Target> targets, Path file) {
        System.setProperty("java.awt.headless", "true");
        List<Report.Target> shown =
                targets.stream().filter(target -> target.bound() > 0).toList();
        BufferedImage image = new BufferedImage(WIDTH, TOP + BOTTOM + ROW * shown.size(), BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, WIDTH, image.getHeight());
        pen.setColor(Color.BLACK);
        pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        pen.drawString(title, 14, 26);
        pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        for (int i = 0; i < shown.size(); i++) {
            row(pen, shown.get(i), TOP + i * ROW);
        }
        axis(pen, image.getHeight() - BOTTOM);
        pen.dispose();
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            ImageIO.write(image, "png", file.toFile());
        } catch (IOException unwritable) {
            throw new NetworkFailure("the plot cannot be written to " + file + ": " + unwritable.getMessage());
        }
    }

    /// How many doublings better than wanted, cut to what the picture has room for.
    static double doublings(Report.Target target) {
        double times = switch (target.wanted()) {
            case AT_LEAST -> target.value() / target.bound();
            case AT_MOST -> target.bound() / target.value();
        };
        double doublings = Math.log(times) / Math.log(2);
        return Math.clamp(Double.isNaN(doublings) ? -MOST_DOUBLINGS : doublings, -MOST_DOUBLINGS, MOST_DOUBLINGS);
    }

    private static void row(Graphics2D pen, Report.Target target, int y) {
        int length = (int) Math.round(doublings(target) * PER_DOUBLING);
        pen.setColor(target.isMet() ? HELD : MISSED);
        pen.fillRect(length < 0 ? MIDDLE + length : MIDDLE, y + 5, Math.max(1, Math.abs(length)), ROW - 10);
        pen.setColor(Color.BLACK);
        pen.drawString(target.key(), 14, y + 18);
        pen.drawString(target.figures(), MIDDLE + (int) (MOST_DOUBLINGS * PER_DOUBLING) + 10, y + 18);
    }

    private static void axis(Graphics2D pen, int y) {
        List<String> marks = List.of("⅛", "¼", "½", "wanted", "2 ×", "4 ×", "8 ×");
        for (int i = 0; i < marks.size(); i++) {
            int x = MIDDLE + (i - (int) MOST_DOUBLINGS) * PER_DOUBLING;
            pen.setColor(x == MIDDLE ? Color.BLACK : Color.LIGHT_GRAY);
            pen.setStroke(new BasicStroke(x == MIDDLE ? 2 : 1));
            pen.drawLine(x, TOP, x, y);
            pen.setColor(Color.BLACK);
            pen.drawString(marks.get(i), x - pen.getFontMetrics().stringWidth(marks.get(i)) / 2, y + 20);
        }
    }
}
