package io.millstream.jobs;

import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Has a submission happen once, however often it is sent: whoever did not hear the answer sends it
/// again under the same key, and gets the jobs of the first time, whether or not they have ended.
///
/// The key is a row of the table `jobs.once` that is written in the commit which puts the jobs:
/// `{"content":…,"jobs":["id",…],"duplicates":["id",…]}`. So it holds whoever dies when, and over
/// restarts of the store.
///
/// @param key by which it is known again: 1 to [#KEY_CHARS_MAX] characters that nobody else uses
/// @param content what is submitted, in short: a digest of it. Another content under the same key
///   is refused with a [UsedOtherwiseException]
/// @param keep for how long the key is known, by the backend's clock
public record Once(String key, String content, Duration keep) {
    /// The longest key, and the longest content, in characters.
    public static final int KEY_CHARS_MAX = 200;

    static final String TABLE = "jobs.once";

    private static final String CONTENT = "content";
    private static final String JOBS = "jobs";
    private static final String DUPLICATES = "duplicates";

    /// Refuses what could not be known again.
    public Once {
        if (key.isEmpty() || key.length() > KEY_CHARS_MAX || content.length() > KEY_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A key has 1 to %d characters and its content as many at most, not %d and %d"
                            .formatted(KEY_CHARS_MAX, key.length(), content.length()));
        }
        if (!keep.isPositive()) {
            throw new IllegalArgumentException("A key is known for some time, not for " + keep);
        }
    }

    /// The same for a part of what is submitted, where that is more than one commit.
    Once part(int number) {
        return number == 0 ? this : new Once(key + "+" + number, content, keep);
    }

    /// Notes what the jobs of this commit are, unless something is noted by then.
    Operation note(List<Accepted> accepted, Instant now) {
        ObjectNode row = Json.newObject().put(CONTENT, content);
        ArrayNode jobs = row.putArray(JOBS);
        ArrayNode duplicates = row.putArray(DUPLICATES);
        for (Accepted one : accepted) {
            jobs.add(one.id());
            if (one.isDuplicate()) {
                duplicates.add(one.id());
            }
        }
        return new Operation.Write(
                TABLE, key, Json.bytes(row), Expect.Nothing.NOTHING, now.plus(keep));
    }

    /// What was noted the first time; null if nothing was.
    ///
    /// @throws UsedOtherwiseException if that was something else
    @Nullable List<Accepted> noted(View.@Nullable RowView row) {
        if (row == null) {
            return null;
        }
        ObjectNode noted;
        try {
            noted = Json.object(row.value());
        } catch (Json.Unreadable unreadable) {
            throw new UsedOtherwiseException(this);
        }
        if (!noted.path(CONTENT).asString("").equals(content)) {
            throw new UsedOtherwiseException(this);
        }
        Set<String> duplicates = new HashSet<>();
        noted.path(DUPLICATES).forEach(id -> duplicates.add(id.asString("")));
        List<Accepted> accepted = new ArrayList<>();
        for (JsonNode job : noted.path(JOBS)) {
            String id = job.asString("");
            accepted.add(new Accepted(id, null, duplicates.contains(id)));
        }
        return accepted;
    }
}
