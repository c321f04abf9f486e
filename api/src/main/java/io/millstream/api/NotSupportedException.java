package io.millstream.api;

import java.util.List;
import java.util.stream.Collectors;

/// Somebody cannot work over a backend, which lacks what is needed: said at the start, and all of
/// it at once. See [Capabilities#require].
public final class NotSupportedException extends MillstreamException {
    private static final long serialVersionUID = 1L;

    private final transient List<Feature> missing;

    /// @param who needs it, in words
    /// @param capabilities what the backend can do
    /// @param missing what it cannot, one at least
    NotSupportedException(String who, Capabilities capabilities, List<Feature> missing) {
        super(
                missing.stream()
                        .map(one -> lack(one, capabilities.of(one)))
                        .collect(
                                Collectors.joining(
                                        ", ",
                                        "%s cannot begin: the backend %s does not support "
                                                .formatted(who, capabilities.backend()),
                                        ". Use a backend that does, or do without.")));
        this.missing = List.copyOf(missing);
    }

    private static String lack(Feature feature, Support support) {
        return switch (support) {
            case Support.None(String why, String instead) ->
                    "%s (%s %s)".formatted(feature.words(), why, instead);
            case Support.Native _, Support.Emulated _ ->
                    throw new IllegalArgumentException(feature + " is supported");
        };
    }

    /// What is missing, in the order of [Feature].
    public List<Feature> missing() {
        return missing;
    }
}
