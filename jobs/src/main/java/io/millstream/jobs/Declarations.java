package io.millstream.jobs;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/// The queues that jobs wait in, as their programs declare them. Many programs may declare the same
/// queue: what each of them says holds, and one that says otherwise is refused.
final class Declarations {
    private final Millstream millstream;
    private final boolean tells;
    private final Set<ChannelName> known = ConcurrentHashMap.newKeySet();
    private final Map<String, Limit> limited = new ConcurrentHashMap<>();

    Declarations(Millstream millstream) {
        this.millstream = millstream;
        this.tells = History.isIn(millstream.backend().capabilities());
    }

    /// There is a queue of this name, and where its dead go.
    void ensure(ChannelName queue) {
        if (known.contains(queue)) {
            return;
        }
        defineHistory();
        Envelope.INNER.forEach(inner -> defineIfAbsent(told(Envelope.inner(inner))));
        defineIfAbsent(told(Envelope.queue(queue)));
        known.add(queue);
    }

    private void defineHistory() {
        if (tells) {
            defineIfAbsent(History.topic());
        }
    }

    /// As it can be in this store.
    private Definition.Queue told(Definition.Queue queue) {
        return tells ? queue : queue.with().lifecycle(null).build();
    }

    /// There is where the dead of all queues of jobs go. Who may not define it is not refused if it
    /// is there.
    void ensureInner() {
        for (ChannelName inner : Envelope.INNER) {
            if (look(inner) == null) {
                defineHistory();
                defineIfAbsent(told(Envelope.inner(inner)));
            }
        }
    }

    /// It may have been removed since.
    void forget(ChannelName queue) {
        known.remove(queue);
        limited.keySet().removeIf(key -> key.startsWith(queue + " "));
    }

    private void defineIfAbsent(Definition definition) {
        var _ =
                Unchanged.commit(
                        millstream,
                        List.of(new Operation.Define(definition, Expect.Nothing.NOTHING)));
    }

    /// The queue is what `change` makes of one that nobody has declared, besides what others say.
    void declare(ChannelName queue, UnaryOperator<QueueBuilder> change) {
        ensure(queue);
        Definition.Queue standard = told(Envelope.queue(queue));
        Definition.Queue wanted = change.apply(standard.with()).build();
        change(
                queue,
                there -> {
                    try {
                        return QueuePart.merge(standard, there, wanted);
                    } catch (IllegalArgumentException senseless) {
                        throw new DeclaredOtherwiseException(
                                "What is declared of queue %s does not go with what is to be: %s"
                                        .formatted(queue, senseless.getMessage()));
                    }
                });
    }

    /// The queue is what `change` makes of it as it is.
    void redeclare(ChannelName queue, UnaryOperator<QueueBuilder> change) {
        ensure(queue);
        change(queue, there -> change.apply(there.with()).build());
    }

    /// The type's limit, if it has one, holds in this queue.
    void ensureLimit(ChannelName queue, JobType<?, ?> type) {
        Limit limit = type.limit();
        String key = queue + " " + type.name() + " " + type.wireName();
        if (limit == null || limit.equals(limited.get(key))) {
            return;
        }
        declare(queue, builder -> builder.limits(Limits.NONE.withTypes(each(type, limit))));
        limited.put(key, limit);
    }

    private static Limits.Each each(JobType<?, ?> type, Limit limit) {
        Map<String, Limit> exceptions = new HashMap<>();
        type.versionsByWireName().keySet().forEach(name -> exceptions.put(name, limit));
        return new Limits.Each(null, exceptions);
    }

    /// The type's limit, or that it has none, holds in its queue from now on.
    void redeclare(JobType<?, ?> type) {
        ChannelName queue = ChannelName.of(type.options().queue());
        ensure(queue);
        change(
                queue,
                there -> {
                    Limits.Each types = there.limits().types();
                    Map<String, Limit> exceptions = new HashMap<>(types.exceptions());
                    Limit limit = type.limit();
                    type.versionsByWireName().keySet().forEach(exceptions::remove);
                    if (limit != null) {
                        exceptions.putAll(each(type, limit).exceptions());
                    }
                    Limits limits =
                            there.limits().withTypes(new Limits.Each(types.each(), exceptions));
                    return there.with().limits(limits).build();
                });
    }

    /// Whether the queue hands out jobs.
    void pause(ChannelName queue, boolean paused) {
        change(queue, there -> there.with().paused(paused).build());
    }

    /// Changes what is declared, however many do so at once. Blocks until it is on disk.
    ///
    /// @throws RefusedException if there is no such queue
    private void change(ChannelName queue, UnaryOperator<Definition.Queue> change) {
        while (true) {
            View.QueueView view = look(queue);
            if (view == null) {
                throw new RefusedException(new Refusal.NoSuchChannel(queue));
            }
            Definition.Queue changed = change.apply(view.definition());
            if (changed.equals(view.definition()) || isDone(changed, view.version())) {
                return;
            }
        }
    }

    private boolean isDone(Definition.Queue changed, long version) {
        Operation define = new Operation.Define(changed, new Expect.Version(version));
        return Unchanged.commit(millstream, List.of(define)) != null;
    }

    View.@Nullable QueueView look(ChannelName queue) {
        Page<View.QueueView> page =
                Answer.of(millstream.backend().find(new Query.QueueNamed(queue))).page();
        return page.items().isEmpty() ? null : page.items().getFirst();
    }
}
