package io.millstream.jobs;

import io.millstream.api.Limit;
import io.millstream.api.Rate;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// Why a job is not running.
public sealed interface Why {

    /// In words, for a person: what holds it up, and what would change that.
    String text();

    /// It has ended.
    ///
    /// @param state how
    record Ended(JobState state) implements Why {
        @Override
        public String text() {
            return "It has ended as " + state.word() + ".";
        }
    }

    /// Nobody knows it.
    record Unknown() implements Why {
        @Override
        public String text() {
            return "There is no such job, or it has ended and how it did is not kept.";
        }
    }

    /// It is running.
    ///
    /// @param by what its workers are called, or null if that is not known
    record Running(@Nullable String by) implements Why {
        @Override
        public String text() {
            return by == null ? "It is being done." : "It is being done by %s.".formatted(by);
        }
    }

    /// Its time has not come.
    ///
    /// @param until by the backend's clock
    record Delayed(Instant until) implements Why {
        @Override
        public String text() {
            return "It waits until %s.".formatted(until);
        }
    }

    /// It is dead where it is: the queue that takes dead jobs is missing.
    ///
    /// @param queue where it is
    record Stuck(String queue) implements Why {
        @Override
        public String text() {
            return "It is dead, and the dead-letter queue of %s is missing. Define that."
                    .formatted(queue);
        }
    }

    /// Its queue hands out nothing.
    ///
    /// @param queue which
    record Paused(String queue) implements Why {
        @Override
        public String text() {
            return "Queue %s is paused. Resume it.".formatted(queue);
        }
    }

    /// Nobody works its queue with this library.
    ///
    /// @param queue which
    record NoWorkers(String queue) implements Why {
        @Override
        public String text() {
            return "No workers of queue %s run. Start some.".formatted(queue);
        }
    }

    /// None of its queue's workers has a handler for it.
    ///
    /// @param queue which
    /// @param type of the job, with its version
    record NoHandler(String queue, String type) implements Why {
        @Override
        public String text() {
            return "No workers of queue %s know jobs of type %s. Start some that do."
                    .formatted(queue, type);
        }
    }

    /// What it depends on fails, as those of its queue's workers saw it that know its type.
    ///
    /// @param downstream what its type calls that
    record DownstreamFails(String downstream) implements Why {
        @Override
        public String text() {
            return ("It depends on %s, which fails: its workers pause such jobs, and try one at a"
                            + " time now and then until that goes well.")
                    .formatted(downstream);
        }
    }

    /// As many of its queue are being done as may be.
    ///
    /// @param queue which
    /// @param most how many
    record QueueIsLimited(String queue, int most) implements Why {
        @Override
        public String text() {
            return "%d jobs of queue %s are being done, and no more may be.".formatted(most, queue);
        }
    }

    /// As many of its type are being done as may be.
    ///
    /// @param type which
    /// @param limit the declared one
    record TypeIsLimited(String type, Limit limit) implements Why {
        @Override
        public String text() {
            return "%d jobs of type %s are being done, and no more may be."
                    .formatted(limit.concurrency(), type);
        }
    }

    /// As many of its key are being done as may be.
    ///
    /// @param key which
    /// @param limit the declared one
    record KeyIsLimited(String key, Limit limit) implements Why {
        @Override
        public String text() {
            return "%d jobs of key %s are being done, and no more may be."
                    .formatted(limit.concurrency(), key);
        }
    }

    /// Jobs of its key are done in order, and another one is first.
    ///
    /// @param key which
    /// @param first the job at the head
    record BehindOthersOfItsKey(String key, String first) implements Why {
        @Override
        public String text() {
            return "Jobs of key %s are done in order, and job %s is first.".formatted(key, first);
        }
    }

    /// All its workers have something to do.
    ///
    /// @param running how many jobs are being done, those of other queues of theirs included
    /// @param places how many its workers do at once
    record WorkersAreBusy(long running, int places) implements Why {
        @Override
        public String text() {
            return "Its workers do %d jobs at once, and %d are being done."
                    .formatted(places, running);
        }
    }

    /// Something it belongs to may begin only so often. How much of that is used up is not known.
    ///
    /// @param of what: the queue, the type or the key
    /// @param rate the declared one
    record MayWaitForItsRate(String of, Rate rate) implements Why {
        @Override
        public String text() {
            return "Jobs of %s begin %d times in %s at most; it may wait for that."
                    .formatted(of, rate.permits(), rate.per());
        }
    }

    /// The store has given it up, and workers see to the rest of it.
    record IsEnding() implements Why {
        @Override
        public String text() {
            return "It has used up its time or its attempts. Workers of any queue see to the rest.";
        }
    }

    /// Nothing holds it up: its turn comes.
    ///
    /// @param before how many jobs of its queue have waited longer and could begin, too
    record IsNext(long before) implements Why {
        @Override
        public String text() {
            return before == 0
                    ? "Nothing holds it up: it begins in a moment."
                    : "Nothing holds it up: it waits its turn, with %d before it."
                            .formatted(before);
        }
    }
}
