package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every variable that the chart sets is a setting of the control plane. A name that is wrong would be ignored in
/// silence.
class SettingsIT {
    private static final String CONFIGURATION_PROPERTIES =
            "org.springframework.boot.context.properties.ConfigurationProperties";
    private static final Set<String> OF_THE_LAUNCHER = Set.of("JDK_JAVA_OPTIONS");

    /// Settings by the name of their variable.
    private static final Map<String, String> OWN = new LinkedHashMap<>();

    private static final Map<String, String> SPRING = new LinkedHashMap<>();

    /// Beginnings of variables of settings with names that the user chooses.
    private static final Set<String> CHOSEN = new TreeSet<>();

    @BeforeAll
    static void readWhatTheProductKnows() throws IOException {
        for (JavaClass type : new ClassFileImporter().importPath(Path.of("../control-plane/target/classes"))) {
            if (type.isAnnotatedWith(CONFIGURATION_PROPERTIES)) {
                JavaAnnotation<?> annotation = type.getAnnotationOfType(CONFIGURATION_PROPERTIES);
                String prefix = String.valueOf(annotation.get("value").orElseThrow());
                for (JavaField field : type.getFields()) {
                    if (!field.getModifiers().contains(JavaModifier.STATIC)) {
                        String name = prefix + "."
                                + field.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
                        OWN.put(variable(name), name);
                    }
                }
            }
        }
        try (Stream<Path> jars = Files.list(Path.of("../control-plane/target/lib"))) {
            for (Path jar : jars.toList()) {
                readMetadata(jar);
            }
        }
    }

    private static void readMetadata(Path jar) throws IOException {
        try (JarFile open = new JarFile(jar.toFile())) {
            ZipEntry entry = open.getEntry("META-INF/spring-configuration-metadata.json");
            if (entry == null) {
                return;
            }
            try (InputStream in = open.getInputStream(entry)) {
                for (JsonNode property :
                        new JsonMapper().readTree(in.readAllBytes()).path("properties")) {
                    String name = property.path("name").asString();
                    SPRING.put(variable(name), name);
                    if (property.path("type").asString().startsWith("java.util.Map")) {
                        CHOSEN.add(variable(name) + "_");
                    }
                }
            }
        }
    }

    private static String variable(String setting) {
        return setting.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void everyVariableIsASettingOfTheControlPlane(String example) {
        for (String name : variables(example)) {
            assertThat(OWN.containsKey(name)
                            || SPRING.containsKey(name)
                            || CHOSEN.stream().anyMatch(name::startsWith)
                            || OF_THE_LAUNCHER.contains(name))
                    .as(name)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void everySettingOfOurOwnIsDescribed(String example) throws IOException {
        String docs;
        try (Stream<Path> files = Files.walk(Path.of("../docs"))) {
            List<Path> pages =
                    files.filter(file -> file.toString().endsWith(".md")).toList();
            StringBuilder all = new StringBuilder();
            for (Path page : pages) {
                all.append(Files.readString(page));
            }
            docs = all.toString();
        }
        for (String name : variables(example)) {
            String setting = OWN.getOrDefault(name, "");
            String group = setting.replaceFirst("[^.]*$", "*");
            assertThat(docs.contains(setting) || docs.contains("`" + group + "`"))
                    .as("%s or %s is in a page of docs", setting, group)
                    .isTrue();
        }
    }

    @Test
    void aNameThatIsWrongWouldBeFound() {
        assertThat(OWN).containsKey("SKYWIRE_KEYSDIRECTORY").doesNotContainKey("SKYWIRE_KEYS_DIRECTORY");
        assertThat(SPRING).containsKey("SPRING_GRPC_SERVER_PORT").doesNotContainKey("SPRING_GRPC_PORT");
        assertThat(CHOSEN).contains("SPRING_SSL_BUNDLE_PEM_").doesNotContain("SPRING_");
    }

    private static Set<String> variables(String example) {
        return Manifests.items(Chart.SKYWIRE
                        .render(example, "controlPlane: {trustedProxies: x, grpc: {tls: {secretName: tls}}}")
                        .pod("control-plane")
                        .container()
                        .path("env"))
                .map(variable -> variable.path("name").asString())
                .collect(Collectors.toSet());
    }
}
