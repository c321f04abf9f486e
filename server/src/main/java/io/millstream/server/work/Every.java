package io.millstream.server.work;

import io.millstream.api.Message;
import io.millstream.jobs.JobDecider;
import io.millstream.jobs.JobOptions;
import io.millstream.jobs.Workers;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Workers that do every message, or those of some types.
final class Every {
    private Every() {}

    static Workers.Builder of(
            Workers.Builder workers,
            Set<String> types,
            Duration timeout,
            JobDecider<Message, JsonNode> decider) {
        UnaryOperator<JobOptions.Builder> options =
                usual -> usual.timeout(timeout).interruptedByCancel();
        return types.isEmpty()
                ? workers.every(options, decider)
                : workers.every(types, options, decider);
    }
}
