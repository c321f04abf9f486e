package io.millstream.engine.state;

import io.millstream.api.Definition;
import io.millstream.api.Limit;
import io.millstream.api.Rate;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The types of messages that a queue tells apart, by numbers from 1 on. A number is used again
/// when the table is full and nothing depends on its type any more.
final class Types {
    private final List<Type> types = new ArrayList<>(0);
    private final Map<KeyHash, Type> byKey = new HashMap<>();
    private final Map<String, Type> byText = new HashMap<>();
    private KeyedLimits limits = KeyedLimits.NONE;

    /// One of them.
    static final class Type {
        final int number;
        KeyHash key;

        /// What it is called, if a message has said so since the start.
        @Nullable String text;

        /// How many of its messages are in the queue; and leased.
        int messages;

        int leased;

        /// See [Pace]. Part of what is known.
        long next;

        /// When one of them may begin again, in milliseconds since 1970, or 0 if one may by its
        /// rate.
        long opens;

        @Nullable Limit limit;

        private Type(int number, KeyHash key) {
            this.number = number;
            this.key = key;
        }

        boolean isOpen() {
            Limit now = limit;
            return opens == 0
                    && (now == null || now.concurrency() == 0 || leased < now.concurrency());
        }

        /// How many of its messages may begin.
        int left(long now) {
            return limit == null ? Integer.MAX_VALUE : Pace.left(limit, leased, next, now);
        }

        @Nullable Rate rate() {
            return limit == null ? null : limit.rate();
        }

        /// Whether something depends on it, so that its number is its own.
        boolean isNeeded(long now) {
            return messages > 0 || !Pace.isPast(next, now);
        }
    }

    List<Type> all() {
        return types;
    }

    Type get(int number) {
        return types.get(number - 1);
    }

    /// These hold from now on.
    void limit(KeyedLimits now) {
        limits = now;
        types.forEach(type -> type.limit = now.of(type.key));
    }

    /// The type of this name, if there is a number for it.
    @Nullable Type find(String text) {
        Type known = byText.get(text);
        if (known == null) {
            known = find(KeyHash.of(text));
            if (known != null) {
                known.text = text;
                byText.put(text, known);
            }
        }
        return known;
    }

    @Nullable Type find(KeyHash key) {
        return byKey.get(key);
    }

    /// A type that has no number gets one; null if there is none left.
    @Nullable Type begin(KeyHash key, long now) {
        if (types.size() < Definition.Queue.TYPES_MAX) {
            Type type = new Type(types.size() + 1, key);
            type.limit = limits.of(key);
            types.add(type);
            byKey.put(key, type);
            return type;
        }
        for (Type type : types) {
            if (!type.isNeeded(now)) {
                rename(type, key);
                return type;
            }
        }
        return null;
    }

    private void rename(Type type, KeyHash key) {
        byKey.remove(type.key);
        if (type.text != null) {
            byText.remove(type.text);
            type.text = null;
        }
        type.key = key;
        type.limit = limits.of(key);
        type.next = 0;
        byKey.put(key, type);
    }

    /// Whether there are numbers for so many besides those that are needed.
    boolean haveRoomFor(int more, long now) {
        int room = Definition.Queue.TYPES_MAX - types.size();
        for (int i = 0; i < types.size() && room < more; i++) {
            room += types.get(i).isNeeded(now) ? 0 : 1;
        }
        return more <= room;
    }

    /// ```
    ///   +-------+-----------------------+
    ///   | count | keys: 16, next, see Pace |
    ///   +-------+-----------------------+
    /// ```
    void write(Output out) {
        out.varint(types.size());
        for (Type type : types) {
            type.key.write(out);
            out.varint(type.next);
        }
    }

    void read(Input in) {
        int count = in.size();
        for (int number = 1; number <= count; number++) {
            Type type = new Type(number, KeyHash.read(in));
            type.next = in.varint();
            types.add(type);
            byKey.put(type.key, type);
        }
    }
}
