package io.skywire.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses local = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.skywire.local");

    @Test
    void speaksToProcessesNotToTheirClasses() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.skywire.node..", "io.skywire.control..", "org.springframework..", "io.netty..")
                .check(local);
    }

    @Test
    void neverSleeps() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(local);
    }
}
