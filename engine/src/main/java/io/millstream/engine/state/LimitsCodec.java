package io.millstream.engine.state;

import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Rate;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// The bytes of what limits a queue, and of the weights of its groups, in its definition:
///
/// ```
///   +----------------------+---------------------+-----------------+
///   | rate                 | limits of types     | weights: count, |
///   |                      | limits of groups    | texts, numbers  |
///   +----------------------+---------------------+-----------------+
///   rate:   permits, 0 for none; period in nanoseconds; burst
///   limit:  concurrency, rate
///   limits: bool, one for each; count, exceptions: text, limit
/// ```
///
/// Numbers are varints.
final class LimitsCodec {
    private LimitsCodec() {}

    static void encode(Limits limits, Output out) {
        encode(limits.rate(), out);
        encode(limits.types(), out);
        encode(limits.groups(), out);
    }

    static Limits decode(Input in) {
        return new Limits(rate(in), each(in), each(in));
    }

    static void encodeWeights(Map<String, Integer> weights, Output out) {
        out.varint(weights.size());
        new TreeMap<>(weights)
                .forEach((group, weight) -> {
                    out.text(group);
                    out.varint(weight);
                });
    }

    static Map<String, Integer> decodeWeights(Input in) {
        int count = in.size();
        Map<String, Integer> weights = new HashMap<>();
        for (int i = 0; i < count; i++) {
            weights.put(in.text(), in.intValue());
        }
        return weights;
    }

    private static void encode(Limits.Each limits, Output out) {
        Limit each = limits.each();
        out.bool(each != null);
        if (each != null) {
            encode(each, out);
        }
        out.varint(limits.exceptions().size());
        new TreeMap<>(limits.exceptions())
                .forEach((name, limit) -> {
                    out.text(name);
                    encode(limit, out);
                });
    }

    private static Limits.Each each(Input in) {
        Limit each = in.bool() ? limit(in) : null;
        int count = in.size();
        Map<String, Limit> exceptions = new HashMap<>();
        for (int i = 0; i < count; i++) {
            exceptions.put(in.text(), limit(in));
        }
        return new Limits.Each(each, exceptions);
    }

    private static void encode(Limit limit, Output out) {
        out.varint(limit.concurrency());
        encode(limit.rate(), out);
    }

    private static Limit limit(Input in) {
        return new Limit(in.intValue(), rate(in));
    }

    private static void encode(@Nullable Rate rate, Output out) {
        out.varint(rate == null ? 0 : rate.permits());
        if (rate != null) {
            out.varint(rate.per().toNanos());
            out.varint(rate.burst());
        }
    }

    private static @Nullable Rate rate(Input in) {
        int permits = in.intValue();
        return permits == 0
                ? null
                : new Rate(permits, Duration.ofNanos(in.varint()), in.intValue());
    }
}
