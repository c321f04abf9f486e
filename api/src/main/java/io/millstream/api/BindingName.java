package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What tells a binding from all others; what else there is to a binding may change.
///
/// Some protocols tell bindings apart by more than these: AMQP by its arguments, too. They say it
/// in the label, in which nothing else reads anything.
///
/// @param exchange the exchange it leads from
/// @param target where it leads to
/// @param pattern what the exchange's kind compares with the routing key, or its weight
/// @param label what else tells it from others; mostly empty
public record BindingName(ChannelName exchange, Target target, String pattern, String label)
        implements Comparable<BindingName> {

    /// The longest pattern and the longest label, in characters.
    public static final int TEXT_CHARS_MAX = 1024;

    private static final String EXCHANGE = "e";
    private static final String CHANNEL = "c";
    private static final int PARTS = 7;

    private static final Comparator<BindingName> ORDER =
            Comparator.comparing(BindingName::exchange)
                    .thenComparing(BindingName::target)
                    .thenComparing(BindingName::pattern)
                    .thenComparing(BindingName::label);

    /// Refuses overlong texts.
    public BindingName {
        if (pattern.length() > TEXT_CHARS_MAX || label.length() > TEXT_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A binding's pattern and label have at most %d characters, not %d and %d."
                            .formatted(TEXT_CHARS_MAX, pattern.length(), label.length()));
        }
    }

    @Override
    public int compareTo(BindingName other) {
        return ORDER.compare(this, other);
    }

    /// A text that stands for it, such as a page of bindings ends with: its parts, each behind its
    /// length.
    public String token() {
        StringBuilder token = new StringBuilder();
        for (String part :
                List.of(
                        exchange.host(),
                        exchange.name(),
                        target instanceof Target.Exchange ? EXCHANGE : CHANNEL,
                        target.name().host(),
                        target.name().name(),
                        pattern,
                        label)) {
            token.append(part.length()).append(':').append(part);
        }
        return token.toString();
    }

    /// The name that [#token] made a text of; nothing if it did not.
    public static Optional<BindingName> ofToken(@Nullable String token) {
        List<String> parts = new ArrayList<>();
        String rest = token == null ? "" : token;
        while (!rest.isEmpty()) {
            int colon = rest.indexOf(':');
            String length = rest.substring(0, Math.max(0, colon));
            int end = length.matches("[0-9]{1,4}") ? colon + 1 + Integer.parseInt(length) : -1;
            if (end < 0 || end > rest.length()) {
                return Optional.empty();
            }
            parts.add(rest.substring(colon + 1, end));
            rest = rest.substring(end);
        }
        return parts.size() == PARTS ? ofParts(parts) : Optional.empty();
    }

    private static Optional<BindingName> ofParts(List<String> parts) {
        try {
            ChannelName exchange = new ChannelName(parts.get(0), parts.get(1));
            ChannelName name = new ChannelName(parts.get(3), parts.get(4));
            Target target =
                    parts.get(2).equals(EXCHANGE)
                            ? new Target.Exchange(name)
                            : new Target.Channel(name);
            return Optional.of(new BindingName(exchange, target, parts.get(5), parts.get(6)));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /// Such as `orders → mail (*.new)`.
    @Override
    public String toString() {
        return "%s → %s%s%s%s"
                .formatted(
                        exchange,
                        target instanceof Target.Exchange ? "exchange " : "",
                        target.name(),
                        pattern.isEmpty() ? "" : " (" + pattern + ")",
                        label.isEmpty() ? "" : " [" + label + "]");
    }
}
