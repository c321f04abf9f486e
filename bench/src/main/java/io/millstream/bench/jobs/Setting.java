package io.millstream.bench.jobs;

import io.millstream.api.Definition;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Retention;

import org.jspecify.annotations.Nullable;

import java.util.function.Function;
import java.util.function.UnaryOperator;

/// How a queue of ours is declared, and what its jobs belong to.
///
/// @param name what it is called in a report
/// @param told how much the topic keeps that is told what happens to each job, or null if there is
///   none
/// @param queue what else is declared of the queue
/// @param key what a job belongs to, or null for nothing
record Setting(
        String name,
        @Nullable Retention told,
        UnaryOperator<QueueBuilder> queue,
        Function<Work, @Nullable String> key) {

    /// What is kept of what happened, where it is not what is measured.
    private static final long TOLD_BYTES = 256L << 20;

    /// Nobody is told.
    static Setting untracked(String name) {
        return new Setting(name, null, UnaryOperator.identity(), _ -> null);
    }

    /// Each step of each job is told to a topic that keeps the newest of it.
    static Setting tracked(String name) {
        return untracked(name).tells(Retention.ofBytes(TOLD_BYTES));
    }

    /// The same with a topic that is told what happens, and keeps so much.
    Setting tells(Retention retention) {
        return new Setting(name, retention, queue, key);
    }

    /// The same with something else declared, and jobs that belong to something.
    Setting keyed(UnaryOperator<QueueBuilder> declared, Function<Work, @Nullable String> of) {
        return new Setting(name, told, declared, of);
    }

    /// The topic that is told, or null.
    Definition.@Nullable Topic topic() {
        return told == null ? null : Definition.Topic.of(Ours.TOPIC).withRetention(told);
    }
}
