package io.millstream.protocols.aws.sns;

import io.millstream.protocols.aws.wire.JsonValues;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Set;

/// From when on, and until when, a topic's archive is sent again to a subscription.
///
/// @param begin the time of the first message
/// @param end the time of the last one, or null for all there are
record ReplayPolicy(Instant begin, @Nullable Instant end) {
    private static final String TYPE = "PointType";
    private static final String BEGIN = "StartingPoint";
    private static final String END = "EndingPoint";
    private static final int YEAR_MAX = 9_999;
    private static final String TIMESTAMP = "Timestamp";

    /// Reads an attribute's text; null for one that says nothing.
    ///
    /// @throws IllegalArgumentException if it is no policy; the message says why
    static @Nullable ReplayPolicy read(String json) {
        if (json.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> policy = JsonValues.object(json);
        if (policy.isEmpty()) {
            return null;
        }
        if (!Set.of(TYPE, BEGIN, END).containsAll(policy.keySet())
                || !TIMESTAMP.equals(policy.get(TYPE))) {
            throw new IllegalArgumentException(
                    "It is a JSON object with PointType, which is Timestamp, StartingPoint and"
                            + " perhaps EndingPoint.");
        }
        Instant begin = time(BEGIN, policy.get(BEGIN));
        Instant end = policy.containsKey(END) ? time(END, policy.get(END)) : null;
        if (end != null && end.isBefore(begin)) {
            throw new IllegalArgumentException("EndingPoint is not before StartingPoint.");
        }
        return new ReplayPolicy(begin, end);
    }

    private static Instant time(String name, @Nullable Object text) {
        try {
            OffsetDateTime time = OffsetDateTime.parse(String.valueOf(text));
            if (time.getYear() >= 0 && time.getYear() <= YEAR_MAX) {
                return time.toInstant();
            }
        } catch (DateTimeException e) {
            // Refused below, like a year that no clock shows.
        }
        throw new IllegalArgumentException(name + " is a time such as 2026-01-31T08:00:00.000Z.");
    }
}
