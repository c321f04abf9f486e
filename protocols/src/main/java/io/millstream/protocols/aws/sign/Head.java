package io.millstream.protocols.aws.sign;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What of a request but its body is signed, as it came over the wire.
///
/// @param method such as `POST`
/// @param path as sent, still encoded
/// @param query as sent, still encoded; empty if there is none
/// @param headers all values by name in small letters
public record Head(String method, String path, String query, Map<String, List<String>> headers) {

    /// Takes over the headers, whose names may be in any case.
    public Head {
        Map<String, List<String>> lower = new TreeMap<>();
        headers.forEach((name, values) ->
                lower.merge(
                        name.toLowerCase(Locale.ROOT),
                        List.copyOf(values),
                        (some, more) -> Stream.concat(some.stream(), more.stream()).toList()));
        headers = lower;
    }

    List<String> header(String name) {
        return headers.getOrDefault(name, List.of());
    }
}
