package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetPlotTest {
    private static final int GREEN = 0xff2e7d32;
    private static final int RED = 0xffc62828;
    private static final int MIDDLE = 560;
    private static final int FIRST_ROW = 59;
    private static final int SECOND_ROW = 85;

    @Test
    void drawsWhatHeldToTheRightOfTheMiddleAndWhatMissedToTheLeft(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("plots/first.png");

        new Report().atLeast("ratio", 1, 0.5).atMost("seconds", 120, 60).plot("bench first", file);

        BufferedImage picture = ImageIO.read(file.toFile());
        assertThat(picture.getRGB(MIDDLE + 60, FIRST_ROW)).isEqualTo(GREEN);
        assertThat(picture.getRGB(MIDDLE - 60, SECOND_ROW)).isEqualTo(RED);
        assertThat(picture.getRGB(MIDDLE - 60, FIRST_ROW)).isNotEqualTo(GREEN);
        assertThat(picture.getRGB(MIDDLE + 60, SECOND_ROW)).isNotEqualTo(RED);
    }

    @Test
    void aFigureThatIsNoNumberOrHasNoBoundBreaksNoPicture(@TempDir Path directory) {
        Path file = directory.resolve("odd.png");

        new Report()
                .atMost("lost", 3, 0)
                .atLeast("rate", Double.NaN, 5)
                .atMost("late", 0, 5)
                .plot("odd", file);

        assertThat(file).isNotEmptyFile();
        assertThat(TargetPlot.doublings(new Report.Target("rate", Double.NaN, Report.Wanted.AT_LEAST, 5)))
                .isEqualTo(-3);
        assertThat(List.of(0.0, 5.0))
                .extracting(late -> TargetPlot.doublings(new Report.Target("late", late, Report.Wanted.AT_MOST, 5)))
                .containsExactly(3.0, 0.0);
    }
}
