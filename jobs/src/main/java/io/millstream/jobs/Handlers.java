package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Who does which messages.
final class Handlers {
    private final Map<String, Handler<?, ?>> byWireName = new LinkedHashMap<>();

    /// @param type what it does
    /// @param version of what it is given, by the type of the message
    record Handler<P, R>(JobType<P, R> type, int version, JobDecider<P, R> decider) {}

    <P, R> void add(JobType<P, R> type, JobDecider<P, R> decider) {
        type.versionsByWireName()
                .forEach((wireName, version) -> {
                    Handler<?, ?> other =
                            byWireName.putIfAbsent(wireName, new Handler<>(type, version, decider));
                    if (other != null) {
                        throw new IllegalArgumentException(
                                "There is a handler for %s already, of %s"
                                        .formatted(wireName, other.type()));
                    }
                });
    }

    Set<String> wireNames() {
        return byWireName.keySet();
    }

    Set<JobType<?, ?>> types() {
        return byWireName.values().stream().map(Handler::type).collect(Collectors.toSet());
    }

    @Nullable Handler<?, ?> find(@Nullable String wireName) {
        return wireName == null ? null : byWireName.get(wireName);
    }
}
