package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Which queues may name this one as their dead-letter queue.
///
/// @param permission in AWS's words
/// @param sources those that may, if the permission is by queue
record RedriveAllowPolicy(String permission, List<ChannelName> sources) {
    /// The longest text of one, in characters.
    static final int CHARS_MAX = 8_192;

    private static final String PERMISSION = "redrivePermission";
    private static final String SOURCES = "sourceQueueArns";
    private static final String ALLOW_ALL = "allowAll";
    private static final String DENY_ALL = "denyAll";
    private static final String BY_QUEUE = "byQueue";
    private static final int SOURCES_MAX = 10;

    /// Reads the attribute's JSON text; an empty text allows all.
    static RedriveAllowPolicy read(String json) {
        if (json.isEmpty()) {
            return new RedriveAllowPolicy(ALLOW_ALL, List.of());
        }
        if (json.length() > CHARS_MAX) {
            throw invalid(
                    "a text of " + json.length() + " characters",
                    "It must have at most " + CHARS_MAX + " characters.");
        }
        String permission;
        List<String> arns;
        try {
            Input policy =
                    Wire.json(
                            QueueAttribute.REDRIVE_ALLOW_POLICY.title(),
                            json.getBytes(StandardCharsets.UTF_8));
            policy.allow(Set.of(PERMISSION, SOURCES));
            permission = Objects.requireNonNullElse(policy.text(PERMISSION), "");
            arns = policy.texts(SOURCES);
        } catch (FaultException _) {
            throw invalid(
                    json,
                    "It must be a JSON object with redrivePermission and, for byQueue,"
                            + " sourceQueueArns, and nothing else.");
        }
        List<ChannelName> sources =
                arns.stream().map(QueueAddress::ofArn).filter(Objects::nonNull).toList();
        if (sources.size() < arns.size()) {
            throw invalid(json, "Its sourceQueueArns must be ARNs of queues.");
        }
        boolean sound =
                switch (permission) {
                    case ALLOW_ALL, DENY_ALL -> sources.isEmpty();
                    case BY_QUEUE -> !sources.isEmpty() && sources.size() <= SOURCES_MAX;
                    default -> false;
                };
        if (!sound) {
            throw invalid(
                    json,
                    "Its redrivePermission must be allowAll, denyAll, or byQueue with 1 to 10"
                            + " sourceQueueArns.");
        }
        return new RedriveAllowPolicy(permission, sources);
    }

    private static FaultException invalid(String value, String reason) {
        return QueueAttribute.REDRIVE_ALLOW_POLICY.invalid(value, reason);
    }

    /// The policy of a queue, whoever declared it.
    static RedriveAllowPolicy of(Definition.Queue queue) {
        return read(
                Objects.requireNonNullElse(QueueAttribute.REDRIVE_ALLOW_POLICY.held(queue), ""));
    }

    /// Whether this source may.
    boolean allows(ChannelName source) {
        return permission.equals(ALLOW_ALL)
                || (permission.equals(BY_QUEUE) && sources.contains(source));
    }
}
