package io.millstream.server.work;

import io.millstream.api.Message;
import io.millstream.jobs.JobContext;
import io.millstream.jobs.JobDecider;
import io.millstream.jobs.JobOutcome;

import tools.jackson.databind.JsonNode;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Does each message by a request of its own.
final class PushDecider implements JobDecider<Message, JsonNode> {
    private final Endpoint endpoint;
    private final InstantSource clock;

    PushDecider(Endpoint endpoint, InstantSource clock) {
        this.endpoint = endpoint;
        this.clock = clock;
    }

    @Override
    public JobOutcome<JsonNode> decide(Message message, JobContext context) throws Exception {
        Letter letter;
        try {
            letter = Letter.of(message, context);
        } catch (IllegalArgumentException unsayable) {
            return JobOutcome.dead(String.valueOf(unsayable.getMessage()));
        }
        CompletableFuture<Reply> call = endpoint.post(letter.json());
        try {
            Reply reply = call.get();
            return new Verdict(endpoint.address(), clock.instant())
                    .ofOne(reply, context.isAwaited());
        } catch (ExecutionException none) {
            return new Verdict(endpoint.address(), clock.instant()).none(none);
        } catch (InterruptedException interrupted) {
            call.cancel(true);
            throw interrupted;
        }
    }
}
