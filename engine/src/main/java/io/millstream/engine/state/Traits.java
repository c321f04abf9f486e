package io.millstream.engine.state;

import io.millstream.api.Message;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// What a message says about when, and whether, it is handed out. It stands in front of everything
/// else in [StoredMessage], because the loop reads it and nothing behind it:
///
/// ```
///   +------+----------------------------------------------------------------+
///   | mask | group 1: text, priority 2, delay 4, time to live 8: varints,   |
///   | 1    | deduplication 16, type 32: texts; each if the mask has its bit |
///   +------+----------------------------------------------------------------+
/// ```
///
/// @param group what it belongs to, or null
/// @param priority 0 is the first served
/// @param delayMillis how long after it is stored it is first handed out
/// @param liveMillis how long it may lie undelivered, or [#NO_LIMIT]
/// @param deduplication what equal messages have in common, or null
/// @param type the wire name of what the body is, or null
record Traits(
        @Nullable KeyHash group,
        int priority,
        long delayMillis,
        long liveMillis,
        @Nullable KeyHash deduplication,
        @Nullable String type) {

    /// Of a message that says nothing, as most.
    static final Traits PLAIN = new Traits(null, 0, 0, Traits.NO_LIMIT, null, null);

    /// The time to live of a message that has none.
    static final long NO_LIMIT = -1;

    private static final int GROUP = 1;
    private static final int PRIORITY = 2;
    private static final int DELAY = 4;
    private static final int LIVE = 8;
    private static final int DEDUPLICATION = 16;
    private static final int TYPE = 32;

    static void write(Message message, Output out) {
        String group = message.group();
        Duration live = message.timeToLive();
        String deduplication = message.deduplication();
        String type = message.type();
        out.byteValue(
                (group == null ? 0 : GROUP)
                        | (message.priority() == 0 ? 0 : PRIORITY)
                        | (message.delay().isZero() ? 0 : DELAY)
                        | (live == null ? 0 : LIVE)
                        | (deduplication == null ? 0 : DEDUPLICATION)
                        | (type == null ? 0 : TYPE));
        if (group != null) {
            out.text(group);
        }
        if (message.priority() != 0) {
            out.varint(message.priority());
        }
        if (!message.delay().isZero()) {
            out.varint(Times.after(0, message.delay()));
        }
        if (live != null) {
            out.varint(Times.after(0, live));
        }
        if (deduplication != null) {
            out.text(deduplication);
        }
        if (type != null) {
            out.text(type);
        }
    }

    /// What was written, for who needs the texts.
    static void read(Input in, Message.Builder message) {
        int mask = in.byteValue();
        if ((mask & GROUP) != 0) {
            message.group(in.text());
        }
        if ((mask & PRIORITY) != 0) {
            message.priority(in.intValue());
        }
        if ((mask & DELAY) != 0) {
            message.delay(Duration.ofMillis(in.varint()));
        }
        if ((mask & LIVE) != 0) {
            message.timeToLive(Duration.ofMillis(in.varint()));
        }
        if ((mask & DEDUPLICATION) != 0) {
            message.deduplication(in.text());
        }
        if ((mask & TYPE) != 0) {
            message.type(in.text());
        }
    }

    /// What was written.
    static Traits read(Input in) {
        int mask = in.byteValue();
        if (mask == 0) {
            return PLAIN;
        }
        return new Traits(
                (mask & GROUP) == 0 ? null : KeyHash.of(in.text()),
                (mask & PRIORITY) == 0 ? 0 : in.intValue(),
                (mask & DELAY) == 0 ? 0 : in.varint(),
                (mask & LIVE) == 0 ? NO_LIMIT : in.varint(),
                (mask & DEDUPLICATION) == 0 ? null : KeyHash.of(in.text()),
                (mask & TYPE) == 0 ? null : in.text());
    }
}
