package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.Limit;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A kind of job: what it is called on the wire, what it is given and what it returns. A constant
/// that those who submit and those who work share.
///
/// ```java
/// record SendMail(long userId, String template) {}
///
/// static final JobType<SendMail, String> SEND_MAIL =
///         JobType.of("mail.send", SendMail.class, String.class)
///                 .with(options -> options.queue("mail").retry(Retry.exponential().attempts(8)));
/// ```
///
/// Its identity is the name, never a class or a method: those may be renamed and moved while jobs
/// are queued. Immutable.
///
/// @param <P> what a job is given: a record, or whatever Jackson reads and writes as an object
/// @param <R> what it returns; [Void] for nothing
public final class JobType<P, R> {
    /// The longest name, in characters.
    public static final int NAME_CHARS_MAX = 200;

    private static final char VERSION_MARK = '#';

    private final String name;
    private final Class<P> payload;
    private final Class<R> result;
    private final int version;
    private final List<String> aliases;
    private final SortedMap<Integer, UnaryOperator<ObjectNode>> upcasters;
    private final Keys<P> keys;
    private final JobOptions options;
    private final @Nullable Limit limit;

    /// What is known of a job by what it is given.
    ///
    /// @param key what it belongs to
    /// @param unique by what it is compared with others, or null for all that it is given
    private record Keys<P>(
            Function<? super P, @Nullable String> key,
            Function<? super P, @Nullable String> unique) {
        static <P> Keys<P> none() {
            return new Keys<>(_ -> null, _ -> null);
        }
    }

    private JobType(
            String name,
            Class<P> payload,
            Class<R> result,
            int version,
            List<String> aliases,
            SortedMap<Integer, UnaryOperator<ObjectNode>> upcasters,
            Keys<P> keys,
            JobOptions options,
            @Nullable Limit limit) {
        this.name = name;
        this.payload = payload;
        this.result = result;
        this.version = version;
        this.aliases = List.copyOf(aliases);
        this.upcasters = upcasters;
        this.keys = keys;
        this.options = options;
        this.limit = limit;
    }

    /// A type of jobs that return nothing.
    ///
    /// @param name on the wire, 1 to [#NAME_CHARS_MAX] characters without `#`
    public static <P> JobType<P, Void> of(String name, Class<P> payload) {
        return of(name, payload, Void.class);
    }

    /// A type of jobs that return something.
    ///
    /// @param name on the wire, 1 to [#NAME_CHARS_MAX] characters without `#`
    public static <P, R> JobType<P, R> of(String name, Class<P> payload, Class<R> result) {
        return new JobType<>(
                checked(name),
                payload,
                result,
                1,
                List.of(),
                new TreeMap<>(),
                Keys.none(),
                JobOptions.standard(!result.equals(Void.class)),
                null);
    }

    private static String checked(String name) {
        if (name.isBlank() || name.length() > NAME_CHARS_MAX || name.indexOf(VERSION_MARK) >= 0) {
            throw new IllegalArgumentException(
                    "A job type's name has 1 to %d characters and no '%c', not '%s'"
                            .formatted(NAME_CHARS_MAX, VERSION_MARK, name));
        }
        return name;
    }

    /// The same with another version of what it is given. Workers that know an older one leave its
    /// jobs to those who know this one.
    ///
    /// @param version 1 or more
    public JobType<P, R> version(int version) {
        if (version < 1) {
            throw new IllegalArgumentException("Versions begin with 1, this is " + version);
        }
        return new JobType<>(
                name, payload, result, version, aliases, upcasters, keys, options, limit);
    }

    /// How what was submitted with version `from` becomes what version `from` + 1 is given. A
    /// version without one is read as it is.
    ///
    /// @param upcaster gets the JSON object and may change it
    public JobType<P, R> upcast(int from, UnaryOperator<ObjectNode> upcaster) {
        if (from < 1 || from >= version) {
            throw new IllegalArgumentException(
                    "%s has version %d; an upcaster is from a version before, not from %d"
                            .formatted(name, version, from));
        }
        SortedMap<Integer, UnaryOperator<ObjectNode>> more = new TreeMap<>(upcasters);
        more.put(from, upcaster);
        return new JobType<>(name, payload, result, version, aliases, more, keys, options, limit);
    }

    /// Also does the jobs that were submitted under another name.
    public JobType<P, R> alias(String other) {
        List<String> more = new ArrayList<>(aliases);
        more.add(checked(other));
        return new JobType<>(name, payload, result, version, more, upcasters, keys, options, limit);
    }

    /// What its jobs belong to, such as a customer: where a queue shares, orders or limits by key,
    /// it does by this.
    public JobType<P, R> key(Function<? super P, @Nullable String> key) {
        Keys<P> other = new Keys<>(key, keys.unique);
        return new JobType<>(
                name, payload, result, version, aliases, upcasters, other, options, limit);
    }

    /// By what its jobs are compared where they are [Unique] and do not say it themselves. Without
    /// it, or where it says null, by all that they are given.
    public JobType<P, R> uniqueBy(Function<? super P, @Nullable String> unique) {
        Keys<P> other = new Keys<>(keys.key, unique);
        return new JobType<>(
                name, payload, result, version, aliases, upcasters, other, options, limit);
    }

    /// What holds for its jobs where they do not say otherwise.
    public JobType<P, R> with(UnaryOperator<JobOptions.Builder> change) {
        JobOptions changed = change.apply(options.with()).build();
        return new JobType<>(
                name, payload, result, version, aliases, upcasters, keys, changed, limit);
    }

    /// How many of its jobs may be done at once and how often one may begin, over all workers. The
    /// store keeps to it where its jobs wait. It is declared when jobs are submitted and workers
    /// start, and refused there if it is declared otherwise already; [Jobs#redeclare(JobType)]
    /// changes it. Each version of what it is given is counted for itself.
    public JobType<P, R> limit(Limit limit) {
        return new JobType<>(
                name, payload, result, version, aliases, upcasters, keys, options, limit);
    }

    /// What it is called on the wire.
    public String name() {
        return name;
    }

    /// What holds for its jobs where they do not say otherwise.
    public JobOptions options() {
        return options;
    }

    /// Which version of what its jobs are given it writes, 1 unless it says otherwise.
    public int version() {
        return version;
    }

    /// The types of all messages that its workers do, on the wire: its name and its aliases, each
    /// with every version up to its own.
    public Set<String> reads() {
        return versionsByWireName().keySet();
    }

    /// What a worker would be given for a message, by its upcasters and as the record of today.
    ///
    /// @param messageType one of those that it [#reads]
    /// @param body as it is stored
    /// @throws IllegalArgumentException if it cannot be read, or is of another type, with why
    public P read(String messageType, Bytes body) {
        Integer from = versionsByWireName().get(messageType);
        if (from == null) {
            throw new IllegalArgumentException(
                    "%s does no jobs of %s; it does %s".formatted(this, messageType, reads()));
        }
        try {
            return read(from, body);
        } catch (Json.Unreadable unreadable) {
            throw new IllegalArgumentException(unreadable.getMessage(), unreadable);
        }
    }

    /// What is stored for a job that is given this: a JSON object.
    ///
    /// @throws IllegalArgumentException if it cannot be written as one
    public Bytes write(P given) {
        return Json.payload(given);
    }

    @Nullable Limit limit() {
        return limit;
    }

    Class<R> result() {
        return result;
    }

    @Nullable String keyOf(P of) {
        return keys.key.apply(of);
    }

    @Nullable String uniqueKeyOf(P of) {
        return keys.unique.apply(of);
    }

    /// The type of its messages. A version is part of it, so that a queue hands a job to nobody who
    /// does not know the version.
    String wireName() {
        return wireName(name, version);
    }

    /// The types of all messages that it reads, with the version of each.
    Map<String, Integer> versionsByWireName() {
        Map<String, Integer> known = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(aliases);
        names.addFirst(name);
        for (String one : names) {
            for (int older = 1; older <= version; older++) {
                known.put(wireName(one, older), older);
            }
        }
        return known;
    }

    private static String wireName(String name, int version) {
        return version == 1 ? name : name + VERSION_MARK + version;
    }

    /// What was submitted with version `from`, as this version reads it.
    P read(int from, Bytes body) throws Json.Unreadable {
        ObjectNode object = Json.object(body);
        try {
            object = upcast(object, from);
        } catch (RuntimeException wrong) {
            throw new Json.Unreadable("An upcaster failed: " + wrong, wrong);
        }
        return Json.read(object, payload);
    }

    private ObjectNode upcast(ObjectNode payload, int from) {
        ObjectNode now = payload;
        for (UnaryOperator<ObjectNode> upcaster : upcasters.tailMap(from).values()) {
            now = upcaster.apply(now);
        }
        return now;
    }

    @Override
    public String toString() {
        return wireName();
    }
}
