package io.millstream.protocols.aws.sqs;

import io.millstream.api.Definition;
import io.millstream.api.Query;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The attributes that a request gives a queue; every one has been checked.
///
/// @param numbers those that a definition keeps as numbers
/// @param redrive the redrive policy, or null if the request names none
record QueueChange(Map<QueueAttribute, Integer> numbers, @Nullable RedrivePolicy redrive) {

    /// Reads the parameter `Attributes`.
    static QueueChange read(Input input) {
        Map<QueueAttribute, Integer> numbers = new LinkedHashMap<>();
        RedrivePolicy redrive = null;
        for (Map.Entry<String, String> given : input.textMap("Attributes").entrySet()) {
            QueueAttribute attribute = QueueAttribute.named(given.getKey());
            String value = given.getValue();
            attribute.check(value);
            if (attribute.isKept()) {
                numbers.put(attribute, Integer.valueOf(value));
            } else if (attribute == QueueAttribute.REDRIVE_POLICY) {
                redrive = RedrivePolicy.read(value);
            }
        }
        return new QueueChange(numbers, redrive);
    }

    /// Completes when the dead-letter queue, if the change names one, was seen to exist.
    ///
    /// @param action that wants the change
    CompletionStage<?> checkTarget(Store store, Caller caller, String action) {
        if (redrive == null || redrive.target() == null) {
            return CompletableFuture.completedStage(null);
        }
        // Or else whoever has a queue could have messages put into everybody's.
        Permission.demand(Verb.WRITE, redrive.target(), action, caller);
        return store.find(new Query.QueueNamed(redrive.target()))
                .thenAccept(page -> {
                    if (page.items().isEmpty()) {
                        throw redrive.targetMissing();
                    }
                });
    }

    /// The definition with the change made.
    Definition.Queue applyTo(Definition.Queue queue) {
        Definition.Queue changed = queue;
        for (Map.Entry<QueueAttribute, Integer> number : numbers.entrySet()) {
            changed = number.getKey().set(changed, number.getValue());
        }
        return redrive == null
                ? changed
                : changed.withDeadLetter(redrive.receiveCountMax(), redrive.target());
    }

    /// The first attribute in which an existing queue differs from what the request gives, or null.
    @Nullable QueueAttribute difference(Definition.Queue queue) {
        for (Map.Entry<QueueAttribute, Integer> number : numbers.entrySet()) {
            if (!number.getKey().is(number.getValue(), queue)) {
                return number.getKey();
            }
        }
        return redrive == null || redrive.equals(RedrivePolicy.of(queue))
                ? null
                : QueueAttribute.REDRIVE_POLICY;
    }
}
