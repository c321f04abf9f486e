package io.millstream.jobs;

import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Who does which messages: those of the types that are known, and, if there is one, a handler for
/// every other one.
final class Handlers {
    private final Map<String, OfType<?, ?>> byWireName = new LinkedHashMap<>();
    private @Nullable OfEvery every;
    private Set<String> only = Set.of();

    /// Does messages.
    sealed interface Handler<P, R> {
        /// How long it may take, what happens if it fails, and whether a cancellation interrupts
        /// it.
        JobOptions options();

        JobDecider<P, R> decider();

        /// What the handler is given.
        P read(Message message) throws Json.Unreadable;
    }

    /// @param type what it does
    /// @param version of what it is given, by the type of the message
    record OfType<P, R>(JobType<P, R> type, int version, JobDecider<P, R> decider)
            implements Handler<P, R> {
        @Override
        public JobOptions options() {
            return type.options();
        }

        @Override
        public P read(Message message) throws Json.Unreadable {
            return type.read(version, message.body());
        }
    }

    /// Is given the message as it is.
    record OfEvery(JobOptions options, JobDecider<Message, JsonNode> decider)
            implements Handler<Message, JsonNode> {
        @Override
        public Message read(Message message) {
            return message;
        }
    }

    <P, R> void add(JobType<P, R> type, JobDecider<P, R> decider) {
        type.versionsByWireName()
                .forEach((wireName, version) -> {
                    OfType<?, ?> other =
                            byWireName.putIfAbsent(wireName, new OfType<>(type, version, decider));
                    if (other != null) {
                        throw new IllegalArgumentException(
                                "There is a handler for %s already, of %s"
                                        .formatted(wireName, other.type()));
                    }
                });
    }

    void addEvery(OfEvery handler) {
        if (every != null) {
            throw new IllegalArgumentException("There is a handler for every message already");
        }
        every = handler;
    }

    /// The handler for every message gets those of these types, and no others.
    void every(Set<String> types) {
        only = Set.copyOf(types);
    }

    /// Whether all messages are done, whatever their type, and those without one.
    boolean isForAll() {
        return every != null && only.isEmpty();
    }

    /// The types that are done; empty if [#isForAll].
    Set<String> wireNames() {
        if (every == null) {
            return byWireName.keySet();
        }
        if (only.isEmpty()) {
            return Set.of();
        }
        Set<String> all = new HashSet<>(byWireName.keySet());
        all.addAll(only);
        return all;
    }

    /// What types of messages depend on, of those that depend on something.
    Map<String, Downstream> downstreams() {
        Map<String, Downstream> all = new LinkedHashMap<>();
        for (String type : wireNames()) {
            Handler<?, ?> handler = find(type);
            Downstream downstream = handler == null ? null : handler.options().downstream();
            if (downstream != null) {
                all.put(type, downstream);
            }
        }
        return all;
    }

    /// What any of those depends on that are done, or null if there is no such thing.
    @Nullable Downstream anyDownstream() {
        Stream<Handler<?, ?>> all =
                Stream.concat(byWireName.values().stream(), Stream.ofNullable(every));
        return all.map(handler -> handler.options().downstream())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    Set<JobType<?, ?>> types() {
        return byWireName.values().stream().map(OfType::type).collect(Collectors.toSet());
    }

    @Nullable Handler<?, ?> find(@Nullable String wireName) {
        OfType<?, ?> known = wireName == null ? null : byWireName.get(wireName);
        if (known != null) {
            return known;
        }
        boolean isAsked = only.isEmpty() || (wireName != null && only.contains(wireName));
        return isAsked ? every : null;
    }
}
