package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The attributes that a request gives a queue; every one has been checked by itself.
///
/// @param queue which queue
/// @param values by attribute
/// @param redrive the redrive policy, or null if the request names none
record QueueChange(
        ChannelName queue, Map<QueueAttribute, String> values, @Nullable RedrivePolicy redrive) {
    private static final Logger LOG = LoggerFactory.getLogger(QueueChange.class);

    /// Reads the parameter `Attributes`.
    static QueueChange read(ChannelName queue, Input input) {
        Map<QueueAttribute, String> values = new EnumMap<>(QueueAttribute.class);
        RedrivePolicy redrive = null;
        for (Map.Entry<String, String> given : input.textMap("Attributes").entrySet()) {
            QueueAttribute attribute = QueueAttribute.named(given.getKey());
            attribute.check(given.getValue(), queue);
            values.put(attribute, attribute.kept(given.getValue()));
            if (attribute == QueueAttribute.REDRIVE_POLICY) {
                redrive = RedrivePolicy.read(given.getValue());
            }
        }
        QueueChange change = new QueueChange(queue, values, redrive);
        change.checkEncryption();
        return change;
    }

    private void checkEncryption() {
        boolean sse = "true".equals(values.get(QueueAttribute.SQS_MANAGED_SSE_ENABLED));
        if (sse && !values.getOrDefault(QueueAttribute.KMS_MASTER_KEY_ID, "").isEmpty()) {
            throw SqsError.INVALID_ATTRIBUTE_VALUE.with(
                    "You can use one type of server-side encryption (SSE) at one time. You can"
                            + " either enable KMS SSE or SQS SSE.");
        }
    }

    /// Completes when the dead-letter queue, if the change names one, was seen to be one that this
    /// queue may have.
    ///
    /// @param action that wants the change
    CompletionStage<?> checkTarget(Store store, Caller caller, String action) {
        ChannelName target = redrive == null ? null : redrive.target();
        if (redrive == null || target == null) {
            return CompletableFuture.completedStage(null);
        }
        // Or else whoever has a queue could have messages put into everybody's.
        Permission.demand(Verb.WRITE, target, action, caller);
        return store.find(new Query.QueueNamed(target))
                .thenAccept(page -> {
                    if (page.items().isEmpty()) {
                        throw redrive.invalidTarget("Dead letter target does not exist.");
                    }
                    checkTarget(redrive, page.items().getFirst());
                });
    }

    private void checkTarget(RedrivePolicy policy, View.QueueView target) {
        Definition.Queue definition = target.definition();
        if (QueueAddress.isFifo(queue) != QueueAddress.isFifo(definition.name())) {
            throw policy.invalidTarget(
                    "Dead letter target must be same type of queue as the source.");
        }
        if (!RedriveAllowPolicy.of(definition).allows(queue)) {
            throw policy.invalidTarget(
                    "The RedriveAllowPolicy of the dead letter target does not allow this queue to"
                            + " be a source.");
        }
    }

    /// The definition with the change made; a fault if its attributes do not go together.
    Definition.Queue applyTo(Definition.Queue queue) {
        Definition.Queue changed = queue;
        for (Map.Entry<QueueAttribute, String> value : values.entrySet()) {
            changed = value.getKey().set(changed, value.getValue());
        }
        // There is one kind of encryption at most, the one that was asked for last.
        if ("true".equals(values.get(QueueAttribute.SQS_MANAGED_SSE_ENABLED))) {
            changed = QueueAttribute.KMS_MASTER_KEY_ID.set(changed, "");
        } else if (!values.getOrDefault(QueueAttribute.KMS_MASTER_KEY_ID, "").isEmpty()) {
            changed = QueueAttribute.SQS_MANAGED_SSE_ENABLED.set(changed, "false");
        }
        checkThroughput(changed);
        return changed;
    }

    private static void checkThroughput(Definition.Queue queue) {
        boolean perGroup =
                "perMessageGroupId".equals(QueueAttribute.FIFO_THROUGHPUT_LIMIT.held(queue));
        if (perGroup && !"messageGroup".equals(QueueAttribute.DEDUPLICATION_SCOPE.held(queue))) {
            throw QueueAttribute.FIFO_THROUGHPUT_LIMIT.invalid(
                    "perMessageGroupId",
                    "The perMessageGroupId value is allowed only when the value for"
                            + " DeduplicationScope is messageGroup.");
        }
    }

    /// Says in the log what a client may believe to have and has not.
    void warn() {
        boolean encrypted =
                "true".equals(values.get(QueueAttribute.SQS_MANAGED_SSE_ENABLED))
                        || !values.getOrDefault(QueueAttribute.KMS_MASTER_KEY_ID, "").isEmpty();
        if (encrypted) {
            LOG.warn(
                    "The queue {} was told to encrypt its messages. That is noted, and nothing is"
                            + " encrypted. Keep the data directory on an encrypted file system",
                    queue.name());
        }
    }

    /// The first attribute in which an existing queue differs from what the request gives, or null.
    @Nullable QueueAttribute difference(Definition.Queue existing) {
        for (Map.Entry<QueueAttribute, String> value : values.entrySet()) {
            if (!value.getKey().is(value.getValue(), existing)) {
                return value.getKey();
            }
        }
        return null;
    }

    /// The value that the request gives an attribute, or `otherwise`.
    String value(QueueAttribute attribute, String otherwise) {
        return Objects.requireNonNullElse(values.get(attribute), otherwise);
    }
}
