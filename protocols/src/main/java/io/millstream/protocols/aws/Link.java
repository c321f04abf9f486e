package io.millstream.protocols.aws;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Tells requests by an address that a topic's endpoint was sent: it visits it as it is and signs
/// nothing. The token in the address says enough, which nobody can guess.
final class Link {
    private static final List<String> ACTIONS =
            List.of("Action=ConfirmSubscription", "Action=Unsubscribe");
    private static final String SIGNATURE = "X-Amz-Signature=";

    private Link() {}

    /// Whether the request is one, and says nothing of who sends it.
    static boolean isVisitedBy(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET) && !isSigned(request) && names(request);
    }

    /// Whether its query asks for one of these actions.
    static boolean names(HttpServerRequest request) {
        List<String> parameters = parameters(request);
        return ACTIONS.stream().anyMatch(parameters::contains);
    }

    /// Whether a request says who sends it, truly or not.
    static boolean isSigned(HttpServerRequest request) {
        return request.getHeader(HttpHeaders.AUTHORIZATION) != null
                || parameters(request).stream().anyMatch(each -> each.startsWith(SIGNATURE));
    }

    private static List<String> parameters(HttpServerRequest request) {
        return Arrays.asList(Objects.requireNonNullElse(request.query(), "").split("&", -1));
    }
}
