package io.millstream.api;

import org.jspecify.annotations.Nullable;

/// How many messages with something in common may be worked on at once, and how often one may
/// begin.
///
/// A message takes a slot by being leased and gives it back when its lease ends, however it ends:
/// one that waits to be tried again has none. It begins, and uses a permit, with each lease.
///
/// @param concurrency how many may be leased at once, 0 for any number
/// @param rate how often one may be leased, or null for any rate
public record Limit(int concurrency, @Nullable Rate rate) {
    /// No limit, for what is an exception among things that have one.
    public static final Limit NONE = new Limit(0, null);

    /// Refuses negative numbers.
    public Limit {
        if (concurrency < 0) {
            throw new IllegalArgumentException(
                    "concurrency is 0 (no limit) or more, not " + concurrency);
        }
    }

    /// So many at once, at any rate.
    public static Limit concurrency(int concurrency) {
        return new Limit(concurrency, null);
    }

    /// Any number at once, at this rate.
    public static Limit rate(Rate rate) {
        return new Limit(0, rate);
    }

    /// The same at this rate.
    public Limit withRate(@Nullable Rate rate) {
        return new Limit(concurrency, rate);
    }
}
