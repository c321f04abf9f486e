package io.millstream.protocols.aws.sns;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Retention;
import io.millstream.api.Target;
import io.millstream.protocols.aws.push.PushTarget;
import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a FIFO topic keeps of its messages: a topic of the core, to which the exchange leads by a
/// binding of its own. So a message is in the archive if and only if it was published.
final class Archive {
    private static final String PERIOD = "MessageRetentionPeriod";
    private static final String LABEL = "archive";
    private static final int DAYS_MAX = 365;

    private Archive() {}

    /// For how many days an attribute's text has messages kept; 0 for not at all.
    ///
    /// @throws IllegalArgumentException if it is no policy; the message says why
    static int days(String json) {
        if (json.isEmpty()) {
            return 0;
        }
        Map<String, @Nullable Object> policy = JsonValues.object(json);
        if (policy.isEmpty()) {
            return 0;
        }
        String days = String.valueOf(policy.get(PERIOD));
        if (!policy.keySet().equals(Set.of(PERIOD))
                || !days.matches("[0-9]{1,3}")
                || Integer.parseInt(days) < 1
                || Integer.parseInt(days) > DAYS_MAX) {
            throw new IllegalArgumentException(
                    "It is a JSON object with " + PERIOD + ", 1 to 365 days, and nothing else.");
        }
        return Integer.parseInt(days);
    }

    /// For how many days a topic with these arguments keeps its messages.
    static int days(Map<String, String> arguments) {
        return days(TopicAttribute.ARCHIVE_POLICY.held(arguments));
    }

    /// Where they are.
    static ChannelName channel(ChannelName topic) {
        return new ChannelName(PushTarget.HOST, topic.name());
    }

    /// What a change of the arguments of a topic changes here.
    static List<Operation> change(
            ChannelName topic, Map<String, String> before, Map<String, String> after) {
        int days = days(after);
        if (days == days(before)) {
            return List.of();
        }
        ChannelName channel = channel(topic);
        if (days == 0) {
            return List.of(new Operation.Remove(channel, Expect.Anything.ANYTHING));
        }
        var kept = Definition.Topic.of(channel).withRetention(Retention.of(Duration.ofDays(days)));
        var binding =
                Definition.Binding.of(
                        new BindingName(topic, new Target.Channel(channel), "", LABEL));
        return List.of(
                new Operation.Define(kept, Expect.Anything.ANYTHING),
                new Operation.Define(binding, Expect.Anything.ANYTHING));
    }
}
