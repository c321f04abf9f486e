package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/// What limits how fast a queue is worked, besides its consumers: all of these hold at once, over
/// all who take from it.
///
/// A message that is held up by a limit holds up nothing that the limit does not hold for, except
/// what is behind it in a group that is worked in order. What a limit says may change at any time,
/// and holds from then on; what is leased stays leased.
///
/// @param rate how often a message of the queue may be leased, or null for any rate.
///   [Definition.Queue#maxInFlight] says how many at once
/// @param types for the messages of each [Message#type]; those without one have no limit. The queue
///   is to be [Definition.Queue#typed]
/// @param groups for the messages of each [Message#group]; those without one have no limit. Groups
///   are to mean something in the queue
public record Limits(@Nullable Rate rate, Each types, Each groups) {
    /// No limits.
    public static final Limits NONE = new Limits(null, Each.NONE, Each.NONE);

    /// The same limit for each of many, with exceptions.
    ///
    /// @param each what holds for each of them, or null for no limit
    /// @param exceptions what holds instead for some, by their names; [#EXCEPTIONS_MAX] at most
    public record Each(@Nullable Limit each, Map<String, Limit> exceptions) {
        /// How many exceptions there may be.
        public static final int EXCEPTIONS_MAX = 10_000;

        /// No limit for any.
        public static final Each NONE = new Each(null, Map.of());

        /// Copies the exceptions and refuses too many.
        public Each {
            exceptions = Map.copyOf(exceptions);
            if (exceptions.size() > EXCEPTIONS_MAX) {
                throw new IllegalArgumentException(
                        "A limit has at most %d exceptions, not %d"
                                .formatted(EXCEPTIONS_MAX, exceptions.size()));
            }
        }

        /// The same limit for each.
        public static Each of(Limit each) {
            return new Each(each, Map.of());
        }

        /// What holds for the one of this name.
        public Limit of(String name) {
            Limit limit = exceptions.get(name);
            if (limit != null) {
                return limit;
            }
            return each == null ? Limit.NONE : each;
        }

        private long chars() {
            return exceptions.keySet().stream().mapToLong(String::length).sum();
        }

        /// Whether any has a limit.
        public boolean isAny() {
            return each != null || !exceptions.isEmpty();
        }
    }

    /// How many characters are in the names of those that have a limit of their own.
    long chars() {
        return types.chars() + groups.chars();
    }

    /// The same with this rate of the whole queue.
    public Limits withRate(@Nullable Rate rate) {
        return new Limits(rate, types, groups);
    }

    /// The same with these limits by type.
    public Limits withTypes(Each types) {
        return new Limits(rate, types, groups);
    }

    /// The same with this limit for each type.
    public Limits withTypes(Limit each) {
        return withTypes(Each.of(each));
    }

    /// The same with these limits by group.
    public Limits withGroups(Each groups) {
        return new Limits(rate, types, groups);
    }

    /// The same with this limit for each group.
    public Limits withGroups(Limit each) {
        return withGroups(Each.of(each));
    }
}
