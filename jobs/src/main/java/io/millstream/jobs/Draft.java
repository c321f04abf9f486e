package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;

import org.jspecify.annotations.Nullable;

/// A job that is to be submitted.
///
/// @param queue where to
/// @param id its id
/// @param message as it is put
/// @param scope for how long it keeps others out, or null for not at all
/// @param key of its row, or empty
record Draft(
        ChannelName queue, String id, Message message, Unique.@Nullable Scope scope, String key) {

    static <P> Draft of(String id, JobType<P, ?> type, P payload, JobOptions options) {
        ChannelName queue = ChannelName.of(options.queue());
        Message message = Trace.continued(Envelope.seal(id, type, payload, options));
        Unique unique = options.unique();
        if (unique == null) {
            return new Draft(queue, id, message, null, "");
        }
        String by = unique.key() == null ? type.uniqueKeyOf(payload) : unique.key();
        String key = Claim.key(queue, type, by == null ? message.body().utf8() : by);
        if (unique.scope() instanceof Unique.Scope.Debounced) {
            if (options.delay().isPositive()) {
                throw new IllegalArgumentException(
                        "A debounced job of %s is put off by that alone; leave out its delay of %s"
                                .formatted(type, options.delay()));
            }
            return new Draft(queue, id, message, unique.scope(), key);
        }
        Header header = new Claim(until(unique.scope()), key).header();
        return new Draft(queue, id, message.with().header(header).build(), unique.scope(), key);
    }

    private static Claim.Until until(Unique.Scope scope) {
        return switch (scope) {
            case Unique.Scope.UntilStarted _ -> Claim.Until.STARTED;
            case Unique.Scope.UntilDone _ -> Claim.Until.DONE;
            case Unique.Scope.Within _, Unique.Scope.Debounced _ -> Claim.Until.TIME;
        };
    }

    Claim claim() {
        return scope == null ? new Claim(Claim.Until.TIME, "") : new Claim(until(scope), key);
    }

    Operation put() {
        return new Operation.Put(queue, message);
    }
}
