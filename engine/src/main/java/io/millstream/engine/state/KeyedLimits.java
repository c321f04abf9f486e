package io.millstream.engine.state;

import io.millstream.api.Limit;
import io.millstream.api.Limits;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/// Which limit holds for which key, when all that is known of a key is its hash.
final class KeyedLimits {
    static final KeyedLimits NONE = new KeyedLimits(Limits.Each.NONE);

    private final @Nullable Limit each;
    private final Map<KeyHash, Limit> exceptions;

    KeyedLimits(Limits.Each limits) {
        this.each = limits.each();
        this.exceptions = HashMap.newHashMap(limits.exceptions().size());
        limits.exceptions().forEach((name, limit) -> exceptions.put(KeyHash.of(name), limit));
    }

    /// What holds for a key; null for no limit.
    @Nullable Limit of(KeyHash key) {
        Limit limit = exceptions.isEmpty() ? null : exceptions.get(key);
        return limit == null ? each : limit;
    }

    /// Whether a key is limited in how often it may begin.
    boolean hasRate(KeyHash key) {
        Limit limit = of(key);
        return limit != null && limit.rate() != null;
    }
}
