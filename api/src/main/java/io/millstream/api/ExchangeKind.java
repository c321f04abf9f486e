package io.millstream.api;

/// How an exchange chooses among its bindings.
public enum ExchangeKind {
    /// Those whose pattern is the routing key.
    DIRECT,
    /// All.
    FANOUT,
    /// Those whose pattern fits the routing key: words between dots, of which `*` stands for one
    /// and `#` for any number.
    TOPIC,
    /// Those whose [HeaderMatch] fits the headers.
    HEADERS,
    /// One, by a hash: equal keys go the same way while the bindings stay as they are, and few keys
    /// change their way when one comes or goes. A pattern is a weight, 1 to [#WEIGHT_MAX].
    CONSISTENT_HASH,
    /// One, by chance.
    RANDOM;

    /// The largest weight of a binding to an exchange of [#CONSISTENT_HASH].
    public static final int WEIGHT_MAX = 1_000_000;
}
