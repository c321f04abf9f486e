package io.millstream.protocols.aws.push;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// An endpoint and the queue with what is on its way there. All that a delivery has to know stands
/// among the arguments of the queue, so that whoever consumes from it needs to look nowhere else.
///
/// @param queue which queue
/// @param endpoint the address to post to
/// @param subscription the ARN of the subscription
/// @param topic the ARN of the topic
/// @param origin where clients reach this server, by which addresses in messages begin
/// @param leave the token by which the endpoint ends its subscription
/// @param policy how often and when a message is sent again
/// @param deadLetter the queue for what the endpoint does not take, or null to drop it
/// @param until when the queue goes, unless the endpoint has confirmed by then; null never
public record PushTarget(
        ChannelName queue,
        String endpoint,
        String subscription,
        String topic,
        String origin,
        String leave,
        DeliveryPolicy policy,
        @Nullable ChannelName deadLetter,
        @Nullable Instant until) {

    /// The virtual host of all channels that the service needs for itself: no other protocol goes
    /// there unless told to.
    public static final String HOST = "aws.sns";

    private static final String ENDPOINT = "push.endpoint";
    private static final String SUBSCRIPTION = "push.subscription";
    private static final String TOPIC = "push.topic";
    private static final String ORIGIN = "push.origin";
    private static final String LEAVE = "push.leave";
    private static final String POLICY = "push.policy";
    private static final String UNTIL = "push.until";
    private static final int TOPIC_CHARS_MAX = 180;

    /// How much may wait for an endpoint that takes nothing. What is more makes the oldest go the
    /// way of what the endpoint does not take; publishers do not learn of it.
    private static final Capacity WAITING =
            new Capacity(100_000, 1L << 30, Capacity.Overflow.DROP_HEAD);

    /// The queue of an endpoint of a topic: there is one for each.
    public static ChannelName queue(ChannelName topic, String protocol, String endpoint) {
        try {
            String all = topic.name() + '\n' + protocol + '\n' + endpoint;
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(all.getBytes(StandardCharsets.UTF_8));
            String name = topic.name();
            return new ChannelName(
                    HOST,
                    name.substring(0, Math.min(name.length(), TOPIC_CHARS_MAX))
                            + '/'
                            + Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which SNS needs.", e);
        }
    }

    /// The queue as it has to be.
    public Definition.Queue definition() {
        Map<String, String> arguments = new HashMap<>();
        arguments.put(ENDPOINT, endpoint);
        arguments.put(SUBSCRIPTION, subscription);
        arguments.put(TOPIC, topic);
        arguments.put(ORIGIN, origin);
        arguments.put(LEAVE, leave);
        arguments.put(POLICY, policy.json());
        if (until != null) {
            arguments.put(UNTIL, Long.toString(until.toEpochMilli()));
        }
        return Definition.Queue.builder(queue)
                .groups(Groups.IGNORED)
                .maxAttempts(policy.retries() + 1)
                .deadLetter(deadLetter)
                .capacity(WAITING)
                .arguments(arguments)
                .build();
    }

    /// Whether a queue is one of these.
    public static boolean is(Definition.Queue queue) {
        return queue.name().host().equals(HOST) && queue.arguments().containsKey(ENDPOINT);
    }

    /// What a queue is there for, if it is one of these.
    ///
    /// @throws IllegalArgumentException if its arguments cannot be read
    public static Optional<PushTarget> of(Definition.Queue queue) {
        if (!is(queue)) {
            return Optional.empty();
        }
        Map<String, String> arguments = queue.arguments();
        String until = arguments.get(UNTIL);
        return Optional.of(
                new PushTarget(
                        queue.name(),
                        arguments.getOrDefault(ENDPOINT, ""),
                        arguments.getOrDefault(SUBSCRIPTION, ""),
                        arguments.getOrDefault(TOPIC, ""),
                        arguments.getOrDefault(ORIGIN, ""),
                        arguments.getOrDefault(LEAVE, ""),
                        DeliveryPolicy.of("", arguments.getOrDefault(POLICY, "")),
                        queue.deadLetter(),
                        until == null ? null : Instant.ofEpochMilli(Long.parseLong(until))));
    }
}
