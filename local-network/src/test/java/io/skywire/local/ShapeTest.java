package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShapeTest {
    private final Shape shape = Shape.twoWays();

    @Test
    void hasTwoWaysOfThreeIntermediariesFromN1ToN5() {
        assertThat(shape.members()).hasSize(6);
        assertThat(shape.links())
                .contains(new Shape.Link("n2", "n3"), new Shape.Link("n3", "n4"))
                .contains(new Shape.Link("n2", "n6"), new Shape.Link("n6", "n4"))
                .hasSize(6);
        assertThat(shape.degree("n1")).isEqualTo(1);
        assertThat(shape.degree("n2")).isEqualTo(3);
        assertThat(shape.degree("n5")).isEqualTo(1);
        assertThat(shape.dialledBy("n2")).containsExactly("n3", "n6");
    }

    @Test
    void theStrangerHangsOnN2AndObeysAnotherKey() {
        Shape with = shape.withStranger();

        assertThat(with.members()).hasSize(7);
        assertThat(with.members().getLast()).isEqualTo(new Shape.Member(Shape.STRANGER, Shape.Obedience.STRANGERS_KEY));
        assertThat(with.degree(Shape.STRANGER)).isEqualTo(1);
        assertThat(with.degree("n2")).isEqualTo(4);
    }

    @Test
    void refusesTwoNodesOfOneNameAndLinksToNobody() {
        Shape.Member one = new Shape.Member("n1", Shape.Obedience.CONTROL_PLANE);

        assertThatThrownBy(() -> new Shape(List.of(one, one), List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shape(List.of(one), List.of(new Shape.Link("n1", "n2"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not there");
    }
}
