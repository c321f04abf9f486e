package io.millstream.protocols.aws.sns;

import io.millstream.api.Definition;
import io.millstream.api.Filter;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a subscription is asked to be, kept as it was given among a binding's arguments.
///
/// @param given by name
record SubscriptionAttributes(Map<String, String> given) {
    static final String POLICY = "FilterPolicy";
    static final String SCOPE = "FilterPolicyScope";
    static final String RAW = "RawMessageDelivery";

    private static final String ARGUMENT = "sns.attribute.";
    private static final String ON_HEADERS = "MessageAttributes";
    private static final String ON_BODY = "MessageBody";
    private static final int NAMES_MAX = 5;
    private static final int COMBINATIONS_MAX = 150;

    SubscriptionAttributes {
        given = Map.copyOf(given);
    }

    /// Those of a binding.
    static SubscriptionAttributes of(Definition.Binding binding) {
        Map<String, String> held = new HashMap<>();
        binding.arguments()
                .forEach((key, value) -> {
                    if (key.startsWith(ARGUMENT)) {
                        held.put(key.substring(ARGUMENT.length()), value);
                    }
                });
        return new SubscriptionAttributes(held);
    }

    /// Refuses names that there are not, and values that they cannot have.
    SubscriptionAttributes checked() {
        given.forEach((name, value) -> {
            boolean valid =
                    switch (name) {
                        case POLICY -> true;
                        case SCOPE -> value.equals(ON_HEADERS) || value.equals(ON_BODY);
                        case RAW -> Topics.isFlag(value);
                        default ->
                                throw SnsError.invalid(
                                        "AttributeName",
                                        "The attribute "
                                                + name
                                                + " is not supported. There are FilterPolicy,"
                                                + " FilterPolicyScope and RawMessageDelivery.");
                    };
            if (!valid) {
                throw SnsError.invalid(
                        "Attributes", "The value " + value + " of " + name + " is not valid.");
            }
        });
        return this;
    }

    /// The same with another value; an empty policy takes it away.
    SubscriptionAttributes with(String name, String value) {
        Map<String, String> changed = new HashMap<>(given);
        changed.put(name, value);
        return new SubscriptionAttributes(changed).checked();
    }

    boolean isRaw() {
        return "true".equals(given.get(RAW));
    }

    /// What AWS shows of them.
    Map<String, String> shown() {
        Map<String, String> shown = new HashMap<>();
        shown.put(RAW, Boolean.toString(isRaw()));
        String policy = given.get(POLICY);
        if (policy != null && filter() != null) {
            shown.put(POLICY, policy);
            shown.put(SCOPE, scope());
        }
        return shown;
    }

    private String scope() {
        return given.getOrDefault(SCOPE, ON_HEADERS);
    }

    private @Nullable Filter filter() {
        String policy = given.get(POLICY);
        if (policy == null || policy.isBlank()) {
            return null;
        }
        try {
            var read = JsonValues.object(policy);
            if (read.isEmpty()) {
                return null;
            }
            Filter filter = scope().equals(ON_BODY) ? Filter.onBody(read) : Filter.onHeaders(read);
            if (filter.names() > NAMES_MAX || filter.combinations() > COMBINATIONS_MAX) {
                throw new IllegalArgumentException(
                        "It has more than %d names or %d combinations of values."
                                .formatted(NAMES_MAX, COMBINATIONS_MAX));
            }
            return filter;
        } catch (IllegalArgumentException e) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: FilterPolicy: " + e.getMessage());
        }
    }

    /// The binding that is so.
    Definition.Binding applied(Definition.Binding binding) {
        Map<String, String> arguments = new HashMap<>(binding.arguments());
        given.forEach((name, value) -> arguments.put(ARGUMENT + name, value));
        return binding.withFilter(filter())
                .withAdds(isRaw() ? List.of() : List.of(Notification.WRAPPED))
                .withArguments(arguments);
    }
}
