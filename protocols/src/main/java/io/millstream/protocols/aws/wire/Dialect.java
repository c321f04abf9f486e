package io.millstream.protocols.aws.wire;

import java.util.Map;

/// What makes one service's requests and answers differ from another's on the wire.
///
/// @param target what stands before the dot in `X-Amz-Target`
/// @param version the API's version, demanded of query requests that name one
/// @param namespace of the elements of XML answers
/// @param plurals how the query protocol writes lists and maps, by the name of one element
/// @param wrapped whether each list and map is an element of its own with `member` or `entry` in
///   it, `Name.member.1`, instead of being flattened
public record Dialect(
        String target,
        String version,
        String namespace,
        Map<String, Plural> plurals,
        boolean wrapped) {

    /// Copies the plurals.
    public Dialect {
        plurals = Map.copyOf(plurals);
    }

    /// A list or a map that the query protocol flattens: `Name.1`, `Name.2`, ….
    public sealed interface Plural {
        /// The member's name in JSON.
        String member();

        /// A list.
        ///
        /// @param member the list's name in JSON
        record OfItems(String member) implements Plural {}

        /// A map: `Name.1.Name=…&Name.1.Value=…`.
        ///
        /// @param member the map's name in JSON
        /// @param key what the entry's key is called
        /// @param value what the entry's value is called
        record OfEntries(String member, String key, String value) implements Plural {}
    }
}
