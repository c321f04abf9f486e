package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Filter;
import io.millstream.protocols.aws.push.DeliveryPolicy;
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.sqs.SqsText;
import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a subscription is asked to be, kept as it was given, but for spaces in JSON, among a
/// binding's arguments.
///
/// @param topic of which topic
/// @param pushed whether its messages are sent to an endpoint
/// @param given by name
record SubscriptionAttributes(ChannelName topic, boolean pushed, Map<String, String> given) {
    static final String REPLAY = "ReplayPolicy";

    private static final String POLICY = "FilterPolicy";
    private static final String SCOPE = "FilterPolicyScope";
    private static final String RAW = "RawMessageDelivery";
    private static final String REDRIVE = "RedrivePolicy";
    private static final String DELIVERY = "DeliveryPolicy";
    private static final String TARGET = "deadLetterTargetArn";
    private static final String ARGUMENT = "sns.attribute.";
    private static final String ON_HEADERS = "MessageAttributes";
    private static final String ON_BODY = "MessageBody";
    private static final int NAMES_MAX = 5;
    private static final int DOCUMENT_CHARS_MAX = 8_192;
    private static final int COMBINATIONS_MAX = 150;

    SubscriptionAttributes {
        given = Map.copyOf(given);
    }

    /// Those of a subscription.
    static SubscriptionAttributes of(Subscription subscription) {
        Map<String, String> held = new HashMap<>();
        subscription
                .binding()
                .arguments()
                .forEach((key, value) -> {
                    if (key.startsWith(ARGUMENT)) {
                        held.put(key.substring(ARGUMENT.length()), value);
                    }
                });
        return new SubscriptionAttributes(subscription.topic(), subscription.isPushed(), held);
    }

    /// The same with other values, of which an empty one takes the attribute away; a fault if there
    /// is no attribute of a name, or it cannot have its value.
    SubscriptionAttributes with(Map<String, String> others) {
        Map<String, String> changed = new HashMap<>(given);
        others.forEach((name, value) -> {
            String wrong = wrong(name, value);
            if (wrong != null) {
                throw SnsError.invalid("Attributes", "Invalid value for " + name + ": " + wrong);
            }
            String kept = kept(name, value);
            if (kept.isEmpty()) {
                changed.remove(name);
            } else {
                changed.put(name, kept);
            }
        });
        var result = new SubscriptionAttributes(topic, pushed, changed);
        result.filter();
        return result;
    }

    /// A value as it is kept: a document without the spaces between its parts.
    ///
    /// @throws IllegalArgumentException if it is too long for one
    private static String kept(String name, String value) {
        return switch (name) {
            case POLICY -> JsonValues.kept(value, JsonValues.CHARS_MAX);
            case REDRIVE, DELIVERY, REPLAY -> JsonValues.kept(value, DOCUMENT_CHARS_MAX);
            default -> value;
        };
    }

    private @Nullable String wrong(String name, String given) {
        try {
            String value = kept(name, given);
            if (SqsText.firstInvalid(value) >= 0) {
                return "It has a control character.";
            }
            return switch (name) {
                case POLICY -> null;
                case SCOPE ->
                        value.equals(ON_HEADERS) || value.equals(ON_BODY)
                                ? null
                                : "It is " + ON_HEADERS + " or " + ON_BODY + '.';
                case RAW ->
                        value.equals("true") || value.equals("false")
                                ? null
                                : "It is true or false.";
                case REDRIVE -> {
                    deadLetter(value, topic);
                    yield null;
                }
                case DELIVERY -> {
                    DeliveryPolicy.of("", value);
                    yield pushed ? null : "Only subscriptions of HTTP endpoints have one.";
                }
                case REPLAY -> {
                    ReplayPolicy.read(value);
                    yield TopicName.isFifo(topic) ? null : "Only those of FIFO topics have one.";
                }
                default ->
                        throw SnsError.invalid(
                                "AttributeName",
                                "There is no attribute "
                                        + name
                                        + " that can be set. docs/sns.md lists those of"
                                        + " subscriptions.");
            };
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private static @Nullable ChannelName deadLetter(String json, ChannelName topic) {
        if (json.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> policy = JsonValues.object(json);
        if (policy.isEmpty()) {
            return null;
        }
        ChannelName target =
                policy.get(TARGET) instanceof String arn ? QueueAddress.ofArn(arn) : null;
        if (target == null || !policy.keySet().equals(Set.of(TARGET))) {
            throw new IllegalArgumentException(
                    "It is a JSON object with "
                            + TARGET
                            + ", the ARN of a queue, and nothing else.");
        }
        if (QueueAddress.isFifo(target) != TopicName.isFifo(topic)) {
            throw new IllegalArgumentException(
                    "A FIFO topic has FIFO dead-letter queues, and a standard topic standard"
                            + " ones.");
        }
        return target;
    }

    /// The queue for what cannot be delivered, or null if there is none.
    @Nullable ChannelName deadLetter() {
        return deadLetter(given.getOrDefault(REDRIVE, ""), topic);
    }

    boolean isRaw() {
        return "true".equals(given.get(RAW));
    }

    String deliveryPolicy() {
        return given.getOrDefault(DELIVERY, "");
    }

    /// What is to be sent again, or null if nothing is.
    @Nullable ReplayPolicy replay() {
        return ReplayPolicy.read(given.getOrDefault(REPLAY, ""));
    }

    /// What AWS shows of them.
    Map<String, String> shown() {
        Map<String, String> shown = new TreeMap<>(given);
        shown.put(RAW, Boolean.toString(isRaw()));
        if (filter() == null) {
            shown.remove(POLICY);
            shown.remove(SCOPE);
        } else {
            shown.put(SCOPE, scope());
        }
        return shown;
    }

    private String scope() {
        return given.getOrDefault(SCOPE, ON_HEADERS);
    }

    /// What messages must be, or null if all are wanted.
    @Nullable Filter filter() {
        String policy = given.get(POLICY);
        if (policy == null) {
            return null;
        }
        Filter filter;
        try {
            var read = JsonValues.object(policy);
            if (read.isEmpty()) {
                return null;
            }
            filter = scope().equals(ON_BODY) ? Filter.onBody(read) : Filter.onHeaders(read);
        } catch (IllegalArgumentException e) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: FilterPolicy: " + e.getMessage());
        }
        if (filter.names() > NAMES_MAX) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: FilterPolicy: Filter policy can not have more than "
                            + NAMES_MAX
                            + " keys");
        }
        if (filter.combinations() > COMBINATIONS_MAX) {
            throw SnsError.INVALID_PARAMETER.with(
                    "Invalid parameter: FilterPolicy: Filter policy is too complex: it has more"
                            + " than "
                            + COMBINATIONS_MAX
                            + " combinations of values");
        }
        return filter;
    }

    /// A binding's arguments with these instead of those before.
    Map<String, String> addedTo(Map<String, String> arguments) {
        Map<String, String> changed = new HashMap<>(arguments);
        changed.keySet().removeIf(key -> key.startsWith(ARGUMENT));
        given.forEach((name, value) -> changed.put(ARGUMENT + name, value));
        return changed;
    }
}
