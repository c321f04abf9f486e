package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// How a job is to be done. A [JobType] has the usual ones, and each job may have others.
///
/// @param queue where it waits for a worker
/// @param priority 0 is the first served, see [io.millstream.api.Message#PRIORITY_MAX]
/// @param delay how long it waits before a worker may have it, zero or more
/// @param key what it belongs to, or null for what its type says
/// @param startWithin it ends as expired if no worker had it for so long, or null for never
/// @param timeout how long one attempt may take, after which it is interrupted and has failed
/// @param retry what happens when an attempt fails
/// @param awaited whether somebody will ask for its result
/// @param keepResult how long its result is kept
/// @param interruptedByCancel whether its handler is interrupted when it is cancelled
/// @param tags what it can be found by, see [Builder#tags]
/// @param unique when it is taken for one that is there already, or null for never
/// @param downstream what it depends on, or null for nothing that has a name
public record JobOptions(
        String queue,
        int priority,
        Duration delay,
        @Nullable String key,
        @Nullable Duration startWithin,
        Duration timeout,
        Retry retry,
        boolean awaited,
        Duration keepResult,
        boolean interruptedByCancel,
        Set<String> tags,
        @Nullable Unique unique,
        @Nullable Downstream downstream) {

    /// How many tags a job may have.
    public static final int TAGS_MAX = 16;

    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9._:/@+-]{1,50}");

    /// The queue of jobs that say nothing of theirs.
    public static final String DEFAULT_QUEUE = "jobs";

    private static final Duration TIMEOUT = Duration.ofHours(1);

    /// The longest timeout of an attempt: ten years.
    public static final Duration TIMEOUT_MAX = Duration.ofDays(3660);

    /// How long a result is kept unless something else is said.
    public static final Duration KEEP_RESULT = Duration.ofHours(1);

    /// Refuses times of no length, and tags that cannot be written.
    public JobOptions {
        tags = Collections.unmodifiableSet(new TreeSet<>(tags));
        for (String tag : tags) {
            if (!TAG.matcher(tag).matches()) {
                throw new IllegalArgumentException(
                        "A tag has 1 to 50 letters, digits and . _ : / @ + -, not '%s'"
                                .formatted(tag));
            }
        }
        if (tags.size() > TAGS_MAX) {
            throw new IllegalArgumentException(
                    "A job has %d tags at most, not %d".formatted(TAGS_MAX, tags.size()));
        }
        if (!timeout.isPositive() || !keepResult.isPositive()) {
            throw new IllegalArgumentException(
                    "A timeout and the time that a result is kept are positive, not %s and %s"
                            .formatted(timeout, keepResult));
        }
        if (timeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException(
                    "A timeout is %d days at most, not %s"
                            .formatted(TIMEOUT_MAX.toDays(), timeout));
        }
    }

    static JobOptions standard(boolean awaited) {
        return new JobOptions(
                DEFAULT_QUEUE,
                0,
                Duration.ZERO,
                null,
                null,
                TIMEOUT,
                Retry.exponential(),
                awaited,
                KEEP_RESULT,
                false,
                Set.of(),
                null,
                null);
    }

    /// A builder that starts from these.
    public Builder with() {
        return new Builder(this);
    }

    /// Builds [JobOptions]; not for use by several threads.
    public static final class Builder {
        private String queue;
        private int priority;
        private Duration delay;
        private @Nullable String key;
        private @Nullable Duration startWithin;
        private Duration timeout;
        private Retry retry;
        private boolean awaited;
        private Duration keepResult;
        private boolean interruptedByCancel;
        private Set<String> tags;
        private @Nullable Unique unique;
        private @Nullable Downstream downstream;

        private Builder(JobOptions from) {
            this.queue = from.queue;
            this.priority = from.priority;
            this.delay = from.delay;
            this.key = from.key;
            this.startWithin = from.startWithin;
            this.timeout = from.timeout;
            this.retry = from.retry;
            this.awaited = from.awaited;
            this.keepResult = from.keepResult;
            this.interruptedByCancel = from.interruptedByCancel;
            this.tags = from.tags;
            this.unique = from.unique;
            this.downstream = from.downstream;
        }

        /// Where it waits for a worker.
        public Builder queue(String queue) {
            this.queue = queue;
            return this;
        }

        /// 0 is the first served, 31 the last.
        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        /// How long it waits before a worker may have it.
        public Builder delay(Duration delay) {
            this.delay = delay;
            return this;
        }

        /// What it belongs to.
        public Builder key(String key) {
            this.key = key;
            return this;
        }

        /// It ends as expired if no worker had it for so long.
        public Builder startWithin(Duration startWithin) {
            this.startWithin = startWithin;
            return this;
        }

        /// How long one attempt may take.
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /// What happens when an attempt fails.
        public Builder retry(Retry retry) {
            this.retry = retry;
            return this;
        }

        /// Somebody will wait for it to be done, though it may return nothing.
        public Builder awaited() {
            this.awaited = true;
            return this;
        }

        /// How long its result is kept.
        public Builder keepResult(Duration keepResult) {
            this.keepResult = keepResult;
            return this;
        }

        /// Its handler's thread is interrupted when it is cancelled. It is told by
        /// [JobContext#isCancelled] in any case.
        public Builder interruptedByCancel() {
            this.interruptedByCancel = true;
            return this;
        }

        /// What it can be found by: 16 tags at most, each of 1 to 50 letters, digits and `. _ : / @
        /// + -`. These take the place of those that were said before.
        public Builder tags(String... tags) {
            this.tags = new TreeSet<>(List.of(tags));
            return this;
        }

        /// When it is taken for one that is there already.
        public Builder unique(Unique unique) {
            this.unique = unique;
            return this;
        }

        /// What the jobs of a type depend on and cannot mend, such as another company's server.
        /// When 10 of the last 20 jobs that depend on it failed, workers begin no more of them for
        /// a while, in any type that names the same: they wait, and use no attempts. What a type
        /// itself says counts, not what one of its jobs does. For queues that tell types apart.
        ///
        /// All that its handlers throw counts as its failure, but for what [#retry] does not try
        /// again, and so do [JobOutcome#failed] and [JobOutcome#again].
        ///
        /// @param name 1 to 100 characters
        public Builder downstream(String name) {
            this.downstream = new Downstream(name, null);
            return this;
        }

        /// As [#downstream(String)], and says what its failures are.
        ///
        /// @param name 1 to 100 characters
        /// @param fails of what a handler throws; a [TimedOutException] if it took too long.
        ///   Nothing else counts
        public Builder downstream(String name, Predicate<? super Throwable> fails) {
            this.downstream = new Downstream(name, fails);
            return this;
        }

        /// The options.
        public JobOptions build() {
            return new JobOptions(
                    queue,
                    priority,
                    delay,
                    key,
                    startWithin,
                    timeout,
                    retry,
                    awaited,
                    keepResult,
                    interruptedByCancel,
                    tags,
                    unique,
                    downstream);
        }
    }
}
