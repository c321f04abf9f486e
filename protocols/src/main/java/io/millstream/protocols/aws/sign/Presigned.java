package io.millstream.protocols.aws.sign;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// The query of a request, which may hold a signature: `X-Amz-Signature` and its companions.
final class Presigned {
    private static final String SIGNATURE = "X-Amz-Signature";

    private final List<UriText.Parameter> parameters;

    Presigned(String query) {
        parameters = query.isEmpty() ? List.of() : UriText.parameters(query);
    }

    /// All parameters but the signature itself, sorted, as they are signed.
    static String canonical(String query) {
        return UriText.parameters(query).stream()
                .filter(parameter -> !parameter.name().equals(SIGNATURE))
                .sorted()
                .map(parameter -> parameter.name() + '=' + parameter.value())
                .collect(Collectors.joining("&"));
    }

    boolean isSigned() {
        return has(SIGNATURE) || has("X-Amz-Algorithm");
    }

    boolean has(String name) {
        return parameters.stream().anyMatch(parameter -> parameter.name().equals(name));
    }

    String required(String name) {
        List<String> values =
                parameters.stream()
                        .filter(parameter -> parameter.name().equals(name))
                        .map(UriText.Parameter::value)
                        .toList();
        if (values.size() != 1 || values.getFirst().isEmpty()) {
            throw Claim.incomplete(
                    "AWS query-string parameters must include '" + name + "', once.");
        }
        return UriText.plain(values.getFirst());
    }

    /// How long the address is good for.
    Duration expires() {
        String seconds = required("X-Amz-Expires");
        if (!seconds.matches("[0-9]{1,6}")
                || Duration.ofSeconds(Long.parseLong(seconds)).compareTo(Claim.EXPIRES_MAX) > 0) {
            throw Claim.incomplete(
                    "X-Amz-Expires must be a number of seconds, at most 604800 (a week), not "
                            + seconds
                            + ".");
        }
        return Duration.ofSeconds(Long.parseLong(seconds));
    }
}
