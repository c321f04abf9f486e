package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;

/// How a job ended, as it is kept for whoever asks: `{"state":"done","result":…}`, or with `reason`
/// in place of `result`, and with `queue`, where that is known.
///
/// @param state how
/// @param result what it returned, or null
/// @param reason why it did not end as done, or empty
/// @param queue in which queue, or null if that is not known
record Ending(JobState state, @Nullable JsonNode result, String reason, @Nullable String queue) {
    private static final String STATE = "state";
    private static final String RESULT = "result";
    private static final String REASON = "reason";
    private static final String QUEUE = "queue";

    static Ending done(@Nullable Object result) {
        return new Ending(JobState.DONE, result == null ? null : Json.tree(result), "", null);
    }

    static Ending without(JobState state, String reason) {
        return new Ending(state, null, reason, null);
    }

    /// The same with where it ended.
    Ending in(ChannelName where) {
        return new Ending(state, result, reason, where.name());
    }

    Bytes toBytes() {
        ObjectNode object = Json.newObject().put(STATE, state.word());
        if (result != null) {
            object.set(RESULT, result);
        }
        if (!reason.isEmpty()) {
            object.put(REASON, reason);
        }
        if (queue != null) {
            object.put(QUEUE, queue);
        }
        return Json.bytes(object);
    }

    static Ending from(Bytes bytes) throws Json.Unreadable {
        ObjectNode object = Json.object(bytes);
        String word = object.path(STATE).asString();
        for (JobState state : JobState.values()) {
            if (state.word().equals(word.toLowerCase(Locale.ROOT))) {
                return new Ending(
                        state,
                        object.get(RESULT),
                        object.path(REASON).asString(""),
                        JobJson.optional(object, QUEUE));
            }
        }
        throw new Json.Unreadable("There is no state " + word, null);
    }
}
