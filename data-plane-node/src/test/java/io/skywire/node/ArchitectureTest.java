package io.skywire.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The walls of the node: what no class may do, wherever it lives.
class ArchitectureTest {
    private static final JavaClasses NODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.skywire.node");

    @Test
    void theNodeKnowsNoSpring() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .check(NODE);
    }

    @Test
    void wireKnowsNoChannel() {
        noClasses()
                .that()
                .resideInAPackage("..node.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.channel..", "org.slf4j..")
                .check(NODE);
    }

    @Test
    void aMessagingServerKnowsNoRoutesAndNoApplications() {
        noClasses()
                .that()
                .resideInAnyPackage("..node.relay..", "..node.letters..", "..node.messaging..", "..node.directory..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..node.router..",
                        "..node.rules..",
                        "..node.session..",
                        "..node.app..",
                        "..node.control..",
                        "..node.transport..",
                        "..node.api..")
                .check(NODE);
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching("io.skywire.node.(*)..").should().beFreeOfCycles().check(NODE);
    }

    @Test
    void nobodySleepsOrReadsTheWallClock() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callConstructor(Date.class)
                .check(NODE);
    }

    @Test
    void onlyTheCommandLinePrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..node.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .dependOnClassesThat(isExactly(PrintStream.class))
                .check(NODE);
    }

    @Test
    void everyClassHasANameOfTheDomain() {
        List<String> vague = NODE.stream()
                .map(JavaClass::getSimpleName)
                .filter(name -> name.matches(".*(Manager|Helper|Utils?|Impl|Base)"))
                .toList();

        assertThat(vague).isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        Path sources = Path.of("src/main/java/io/skywire/node");
        try (Stream<Path> files = Files.walk(sources)) {
            List<Path> packages = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();

            assertThat(packages)
                    .isNotEmpty()
                    .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                            .content()
                            .contains("@NullMarked"));
        }
    }

    private static DescribedPredicate<JavaClass> isExactly(Class<?> type) {
        return DescribedPredicate.describe("are " + type.getSimpleName(), found -> found.isEquivalentTo(type));
    }
}
