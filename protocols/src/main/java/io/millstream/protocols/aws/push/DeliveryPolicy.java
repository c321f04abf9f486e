package io.millstream.protocols.aws.push;

import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// How often, and when, a message is sent again to an HTTP endpoint that did not take it: AWS's
/// four phases. The first retries come without a delay, the next ones after the shortest, then the
/// delay grows, and the last ones come after the longest.
///
/// @param retries how often at most; the first attempt is none of them
/// @param atOnce how many of them come without a delay
/// @param soon how many of them come after the shortest delay
/// @param late how many of them come after the longest delay
/// @param least the shortest delay, in seconds
/// @param most the longest delay, in seconds
/// @param growth how the delay grows between them
/// @param perSecond how many messages a second are sent at most, or 0 for no limit
/// @param contentType what the media type of a notification is
public record DeliveryPolicy(
        int retries,
        int atOnce,
        int soon,
        int late,
        int least,
        int most,
        Growth growth,
        int perSecond,
        String contentType) {

    /// How a delay grows from the shortest to the longest.
    public enum Growth {
        /// By the same each time.
        LINEAR,
        /// By more each time, and by the same more.
        ARITHMETIC,
        /// By the same factor each time.
        GEOMETRIC,
        /// Twice as long each time.
        EXPONENTIAL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What holds unless somebody says otherwise, as on AWS.
    public static final DeliveryPolicy USUAL =
            new DeliveryPolicy(3, 0, 0, 0, 20, 20, Growth.LINEAR, 0, "text/plain; charset=UTF-8");

    private static final int RETRIES_MAX = 100;
    private static final int SECONDS_MAX = 3_600;
    private static final String NO_OVERRIDES = "disableSubscriptionOverrides";
    private static final String RETRY = "healthyRetryPolicy";
    private static final String THROTTLE = "throttlePolicy";
    private static final String REQUEST = "requestPolicy";
    private static final String RETRY_OF_TOPIC = "defaultHealthyRetryPolicy";
    private static final String THROTTLE_OF_TOPIC = "defaultThrottlePolicy";
    private static final String REQUEST_OF_TOPIC = "defaultRequestPolicy";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> OF_RETRY =
            Set.of(
                    "numRetries",
                    "numNoDelayRetries",
                    "numMinDelayRetries",
                    "numMaxDelayRetries",
                    "minDelayTarget",
                    "maxDelayTarget",
                    "backoffFunction");
    private static final Set<String> CONTENT_TYPES =
            Set.of(
                    "application/atom+xml",
                    "application/json",
                    "application/octet-stream",
                    "application/soap+xml",
                    "application/x-www-form-urlencoded",
                    "application/xhtml+xml",
                    "application/xml",
                    "text/css",
                    "text/csv",
                    "text/html",
                    "text/plain",
                    "text/xml");

    /// Refuses what contradicts itself.
    public DeliveryPolicy {
        if (least < 1 || most < least || most > SECONDS_MAX) {
            throw new IllegalArgumentException(
                    "minDelayTarget is 1 or more, maxDelayTarget no less and 3600 at most.");
        }
        if (retries < 0 || retries > RETRIES_MAX || atOnce < 0 || soon < 0 || late < 0) {
            throw new IllegalArgumentException("Numbers of retries are from 0 to 100.");
        }
        if ((long) atOnce + soon + late > retries) {
            throw new IllegalArgumentException(
                    "numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries are at most"
                            + " numRetries together.");
        }
        if (perSecond < 0) {
            throw new IllegalArgumentException("maxReceivesPerSecond is 1 or more.");
        }
    }

    /// The policy of a topic by its attribute's text; an empty one is the usual policy.
    ///
    /// @throws IllegalArgumentException if it is none; the message says why
    public static DeliveryPolicy ofTopic(String json) {
        Map<String, @Nullable Object> http = http(json);
        Map<String, @Nullable Object> parts = new LinkedHashMap<>();
        http.forEach((name, value) -> {
            switch (name) {
                case RETRY_OF_TOPIC -> parts.put(RETRY, value);
                case THROTTLE_OF_TOPIC -> parts.put(THROTTLE, value);
                case REQUEST_OF_TOPIC -> parts.put(REQUEST, value);
                case NO_OVERRIDES -> {
                    if (!(value instanceof Boolean)) {
                        throw new IllegalArgumentException(name + " is true or false.");
                    }
                }
                default -> throw new IllegalArgumentException(name + " is not known.");
            }
        });
        return USUAL.with(parts);
    }

    /// The policy of a subscription by the texts of both attributes.
    ///
    /// @throws IllegalArgumentException if one is none; the message says why
    public static DeliveryPolicy of(String ofTopic, String ofSubscription) {
        DeliveryPolicy usual = ofTopic(ofTopic);
        if (ofSubscription.isEmpty()) {
            return usual;
        }
        DeliveryPolicy own = usual.with(JsonValues.object(ofSubscription));
        return Boolean.TRUE.equals(http(ofTopic).get(NO_OVERRIDES)) ? usual : own;
    }

    private static Map<String, @Nullable Object> http(String json) {
        if (json.isEmpty()) {
            return Map.of();
        }
        Map<String, @Nullable Object> all = JsonValues.object(json);
        if (!all.keySet().equals(Set.of("http"))) {
            throw new IllegalArgumentException("A topic's policy has http and nothing else.");
        }
        return object("http", all.get("http"));
    }

    private DeliveryPolicy with(Map<String, @Nullable Object> parts) {
        DeliveryPolicy policy = this;
        for (Map.Entry<String, @Nullable Object> part : parts.entrySet()) {
            if (part.getValue() == null) {
                continue;
            }
            Map<String, @Nullable Object> members = object(part.getKey(), part.getValue());
            policy =
                    switch (part.getKey()) {
                        case RETRY -> policy.withRetries(members);
                        case THROTTLE -> policy.withThrottle(members);
                        case REQUEST -> policy.withRequest(members);
                        case "sicklyRetryPolicy", "guaranteed" -> policy;
                        default ->
                                throw new IllegalArgumentException(
                                        part.getKey() + " is not known.");
                    };
        }
        return policy.checked();
    }

    private DeliveryPolicy checked() {
        Duration all = Duration.ZERO;
        for (int attempts = 1; attempts <= retries; attempts++) {
            all = all.plus(delay(attempts));
        }
        if (all.toSeconds() > SECONDS_MAX) {
            throw new IllegalArgumentException(
                    "All delays together are at most " + SECONDS_MAX + " seconds.");
        }
        return this;
    }

    private DeliveryPolicy withRetries(Map<String, @Nullable Object> parts) {
        allow(OF_RETRY, parts);
        Object growth = parts.get("backoffFunction");
        return new DeliveryPolicy(
                whole(parts, "numRetries", retries),
                whole(parts, "numNoDelayRetries", atOnce),
                whole(parts, "numMinDelayRetries", soon),
                whole(parts, "numMaxDelayRetries", late),
                whole(parts, "minDelayTarget", least),
                whole(parts, "maxDelayTarget", most),
                growth == null ? this.growth : growth(growth),
                perSecond,
                contentType);
    }

    private static Growth growth(Object word) {
        for (Growth one : Growth.values()) {
            if (one.word().equals(word)) {
                return one;
            }
        }
        throw new IllegalArgumentException(
                "backoffFunction is linear, arithmetic, geometric or exponential.");
    }

    private DeliveryPolicy withThrottle(Map<String, @Nullable Object> parts) {
        allow(Set.of("maxReceivesPerSecond"), parts);
        if (parts.get("maxReceivesPerSecond") == null) {
            return this;
        }
        int limit = whole(parts, "maxReceivesPerSecond", 0);
        return new DeliveryPolicy(
                retries,
                atOnce,
                soon,
                late,
                least,
                most,
                growth,
                limit == 0 ? -1 : limit,
                contentType);
    }

    private DeliveryPolicy withRequest(Map<String, @Nullable Object> parts) {
        allow(Set.of("headerContentType"), parts);
        Object type = parts.get("headerContentType");
        if (type == null) {
            return this;
        }
        String media = type.toString();
        int end = media.indexOf(';');
        if (!CONTENT_TYPES.contains((end < 0 ? media : media.substring(0, end)).strip())
                || !media.chars().allMatch(c -> c >= ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    "headerContentType is one of " + CONTENT_TYPES.stream().sorted().toList());
        }
        return new DeliveryPolicy(
                retries, atOnce, soon, late, least, most, growth, perSecond, media);
    }

    private static void allow(Set<String> known, Map<String, @Nullable Object> parts) {
        for (String name : parts.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(name + " is not known.");
            }
        }
    }

    private static int whole(Map<String, @Nullable Object> parts, String name, int usual) {
        Object value = parts.get(name);
        try {
            return value == null ? usual : new BigDecimal(value.toString()).intValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(name + " is a whole number.", e);
        }
    }

    private static Map<String, @Nullable Object> object(String name, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, one) -> copy.put(String.valueOf(key), one));
            return copy;
        }
        throw new IllegalArgumentException(name + " is a JSON object.");
    }

    /// How long to wait after so many attempts, of which the last one failed; 1 or more.
    public Duration delay(int attempts) {
        if (attempts <= atOnce) {
            return Duration.ZERO;
        }
        int growing = retries - atOnce - soon - late;
        int place = attempts - atOnce - soon;
        if (place <= 0 || place > growing) {
            return Duration.ofSeconds(place <= 0 ? least : most);
        }
        double share = growing <= 1 ? 1 : (place - 1) / (growing - 1.0);
        double seconds =
                switch (growth) {
                    case LINEAR -> least + share * (most - least);
                    case ARITHMETIC -> least + share * share * (most - least);
                    case GEOMETRIC -> least * Math.pow((double) most / least, share);
                    case EXPONENTIAL -> Math.min(most, least * Math.pow(2, place - 1.0));
                };
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    /// Whether a message that so many attempts have failed with has had all of them.
    public boolean isOver(int attempts) {
        return attempts > retries;
    }

    /// What AWS shows of the policy that holds for a subscription.
    public String json() {
        return JSON.writeValueAsString(parts(RETRY, THROTTLE, REQUEST));
    }

    /// What AWS shows of the policy that holds for a topic whose attribute has this text.
    public static String effectiveOfTopic(String json) {
        ObjectNode http = ofTopic(json).parts(RETRY_OF_TOPIC, THROTTLE_OF_TOPIC, REQUEST_OF_TOPIC);
        http.put(NO_OVERRIDES, Boolean.TRUE.equals(http(json).get(NO_OVERRIDES)));
        return JSON.writeValueAsString(JSON.createObjectNode().set("http", http));
    }

    private ObjectNode parts(String retry, String throttle, String request) {
        ObjectNode parts = JSON.createObjectNode();
        parts.putObject(retry)
                .put("minDelayTarget", least)
                .put("maxDelayTarget", most)
                .put("numRetries", retries)
                .put("numMaxDelayRetries", late)
                .put("numNoDelayRetries", atOnce)
                .put("numMinDelayRetries", soon)
                .put("backoffFunction", growth.word());
        if (perSecond > 0) {
            parts.putObject(throttle).put("maxReceivesPerSecond", perSecond);
        }
        parts.putObject(request).put("headerContentType", contentType);
        return parts;
    }
}
