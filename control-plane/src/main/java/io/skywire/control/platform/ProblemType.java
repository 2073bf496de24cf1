package io.skywire.control.platform;

import java.net.URI;
import java.util.Arrays;
import java.util.Optional;

/// What can be wrong with a request, as RFC 9457 names it: the type is the relative reference `/errors/NAME`, which
/// this control plane answers with the meaning and what to do. `docs/errors.md` holds the same words.
public enum ProblemType {
    BAD_REQUEST(
            400,
            "Bad request",
            "A parameter, the path or the body is not what it must be, or the bytes are no HTTP.",
            "Correct what `detail` names. Sending the same again gives the same answer."),
    STAFF_ONLY(
            403,
            "For staff only",
            "The path names whole routes, and the caller's address is not in `skywire.staff.networks`.",
            "Ask on the machine or in the pod itself (`kubectl port-forward`), or let the setting name your network."),
    NOT_FOUND(
            404,
            "Not found",
            "There is no such path, or nothing with the name that the path holds.",
            "Check path and name. An outage is never told as 404."),
    METHOD_NOT_ALLOWED(
            405,
            "Method not allowed",
            "The path exists and does not take this method.",
            "Use a method that the header `Allow` lists."),
    NOT_ACCEPTABLE(
            406,
            "Not acceptable",
            "The header `Accept` allows no form in which this path answers.",
            "Accept `application/json` (or `application/yaml` for the OpenAPI document), or leave the header out."),
    BODY_TOO_SLOW(
            408,
            "Request body too slow",
            "The body was not there when `skywire.http.body-deadline` was over. The connection is closed.",
            "Send the body at once, on a connection that carries it in time."),
    BODY_TOO_LARGE(
            413,
            "Request body too large",
            "The body is larger than this path takes; `detail` holds the cap.",
            "Send less in one request."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            "Unsupported media type",
            "The header `Content-Type` names a form that this path does not read.",
            "Send `application/json`."),
    RATE_LIMITED(
            429,
            "Too many requests",
            "A token bucket of `skywire.limits` is empty: the one of the signing key, of the source network, or of the"
                    + " uptime listings.",
            "Wait as many seconds as `Retry-After` says, then go slower. Nothing of the request was done; if it was"
                    + " signed and the limit was the key's, its nonce is spent."),
    INTERNAL_ERROR(
            500,
            "Error of the control plane",
            "A bug. The log of the replica has a line with the same request id.",
            "Report it with `requestId`. Trying again may help and does no harm where the method is GET."),
    UNAVAILABLE(
            503,
            "Cannot work now",
            "PostgreSQL is away, too slow for the deadline of a statement, or every connection to it is in use.",
            "Try again after `Retry-After` seconds. It is never a word on whether something exists.");

    private final int status;
    private final String title;
    private final String meaning;
    private final String remedy;

    ProblemType(int status, String title, String meaning, String remedy) {
        this.status = status;
        this.title = title;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    public String meaning() {
        return meaning;
    }

    public String remedy() {
        return remedy;
    }

    /// The last part of the type, in lower case with dashes.
    public String slug() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    public URI uri() {
        return URI.create("/errors/" + slug());
    }

    static Optional<ProblemType> bySlug(String slug) {
        return Arrays.stream(values()).filter(type -> type.slug().equals(slug)).findFirst();
    }

    /// The type of a status that somebody else chose. What has no type of its own is the caller's fault below 500.
    static ProblemType ofStatus(int status) {
        return Arrays.stream(values())
                .filter(type -> type.status == status)
                .findFirst()
                .orElse(status < 500 || status == 501 || status == 505 ? BAD_REQUEST : INTERNAL_ERROR);
    }
}
