package io.millstream.junit;

import io.millstream.jobs.JobType;

import java.util.List;
import java.util.stream.Collectors;

/// What became of jobs while [JobTest#drain] or [JobTest#advance] had them done.
///
/// @param attempts all of them, in the order in which they ended
public record Drained(List<JobAttempt> attempts) {
    /// Copies the list.
    public Drained {
        attempts = List.copyOf(attempts);
    }

    /// Those of one type.
    public Drained of(JobType<?, ?> type) {
        return new Drained(attempts.stream().filter(attempt -> attempt.is(type)).toList());
    }

    /// How many jobs were done.
    public int done() {
        return count(JobAttempt.Done.class);
    }

    /// How many attempts failed, after which the job waits for another one.
    public int failed() {
        return count(JobAttempt.Failed.class);
    }

    /// How many jobs died.
    public int dead() {
        return count(JobAttempt.Dead.class);
    }

    /// How many jobs expired.
    public int expired() {
        return count(JobAttempt.Expired.class);
    }

    private int count(Class<? extends JobAttempt.End> end) {
        return (int) attempts.stream().filter(attempt -> end.isInstance(attempt.end())).count();
    }

    /// Fails the test unless every attempt was the last of its job, which was done.
    ///
    /// @return this
    /// @throws AssertionError that lists those that were not
    public Drained assertAllDone() {
        List<JobAttempt> others =
                attempts.stream()
                        .filter(attempt -> !(attempt.end() instanceof JobAttempt.Done))
                        .toList();
        if (!others.isEmpty()) {
            throw new AssertionError(
                    "%d of %d attempts did not end as done:\n%s"
                            .formatted(others.size(), attempts.size(), lines(others)));
        }
        return this;
    }

    private static String lines(List<JobAttempt> attempts) {
        return attempts.stream().map(attempt -> "  " + attempt).collect(Collectors.joining("\n"));
    }

    @Override
    public String toString() {
        return attempts.isEmpty() ? "nothing" : lines(attempts);
    }
}
