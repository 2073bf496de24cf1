package io.skywire.control.platform;

import java.util.Arrays;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// Resolves the types of problems: what each means and what to do.
@RestController
final class ErrorCatalogueController {
    record Entry(String type, String title, int status, String meaning, String remedy) {
        static Entry of(ProblemType type) {
            return new Entry(type.uri().toString(), type.title(), type.status(), type.meaning(), type.remedy());
        }
    }

    @GetMapping("/errors")
    List<Entry> all() {
        return Arrays.stream(ProblemType.values()).map(Entry::of).toList();
    }

    @GetMapping("/errors/{name}")
    Entry one(@PathVariable String name) {
        return ProblemType.bySlug(name)
                .map(Entry::of)
                .orElseThrow(
                        () -> new ResponseStatusException(HttpStatus.NOT_FOUND, "no type of problem has this name"));
    }
}
