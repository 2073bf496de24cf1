package io.skywire.control.directory;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeFacts.Visibility;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The node directory: which nodes there are, and where the public ones can be reached.
@RestController
@RequestMapping("/api/v1/nodes")
final class NodesController {
    private final StoredNodeBook book;

    NodesController(StoredNodeBook book) {
        this.book = book;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record NodeJson(
            String key,
            String software,

            @com.fasterxml.jackson.annotation.JsonProperty("public")
            boolean isPublic,

            List<String> addresses,
            boolean online,
            @Nullable Instant lastSeen,
            String reachable,
            @Nullable Instant reachableCheckedAt) {}

    /// @param next what `after` must be for the page behind this one; null if this is the last
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<NodeJson> nodes, @Nullable String next) {}

    @GetMapping
    Page page(
            @RequestParam(name = "public", defaultValue = "") String isPublic,
            @RequestParam(defaultValue = "") String after,
            @RequestParam(defaultValue = "") String limit)
            throws BadInputException {
        NodesQuestion question = NodesQuestion.parse(isPublic, after, limit);
        List<NodeJson> nodes =
                book.page(question).stream().map(NodesController::json).toList();
        return new Page(
                nodes, nodes.size() < question.limit() ? null : nodes.getLast().key());
    }

    @GetMapping("/{key}")
    ResponseEntity<?> one(@PathVariable("key") String text) throws BadInputException {
        PublicKey key = NodesQuestion.key("the key", text);
        return book.find(key)
                .<ResponseEntity<?>>map(node -> ResponseEntity.ok(json(node)))
                .orElseGet(() -> ResponseEntity.of(ProblemDetail.forStatusAndDetail(
                                HttpStatus.NOT_FOUND, "node " + key.hex() + " was never heard of"))
                        .build());
    }

    @ExceptionHandler
    ProblemDetail badInput(BadInputException bad) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, bad.problem());
    }

    private static NodeJson json(ListedNode node) {
        return new NodeJson(
                node.node().hex(),
                node.software(),
                node.visibility() == Visibility.PUBLIC,
                node.addresses(),
                node.online(),
                node.lastSeen().orElse(null),
                node.reachability().name().toLowerCase(Locale.ROOT),
                node.dialledAt().orElse(null));
    }
}
