package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.testkit.simulation.Sent.Attempt;
import io.millstream.testkit.simulation.Sent.Held;
import io.millstream.testkit.simulation.Sent.Life;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// What clients are told about the leases that they settle, extend and check, and what becomes of
/// the messages.
final class Settlements {
    private final Names names;
    private final Machine machine;

    /// What is gone once the answers that left together have all been heard.
    private final List<Runnable> afterAnswers;

    Settlements(Names names, Machine machine, List<Runnable> afterAnswers) {
        this.names = names;
        this.machine = machine;
        this.afterAnswers = afterAnswers;
    }

    void settled(
            Attempt attempt,
            int index,
            Operation.Settle settle,
            Receipt.Effect.Settled effect,
            Instant now) {
        Held held = attempt.leases[index];
        Sent sent = held.sent;
        if (settle.stale() == Operation.Stale.ACCEPT) {
            if (sent.life == held.life && names.isLast(held.life.name)) {
                afterAnswers.add(() -> sent.gone = "it was settled by any handle");
            }
            return;
        }
        requireCurrent(attempt, index);
        held.ended = true;
        switch (settle.outcome()) {
            case Outcome.Done done -> sent.gone = "it was settled as done";
            case Outcome.Dead dead -> buried(held, effect);
            case Outcome.Retry retry -> {
                int attempts = held.attempts - (retry.counts() ? 0 : 1);
                int limit = definitionOf(held).maxAttempts();
                if (limit > 0 && attempts >= limit) {
                    buried(held, effect);
                } else {
                    PromiseBroken.unless(
                            effect.deadLetter() == null, sent.id, "Buried, not given back");
                    if (!retry.after().isZero() && sent.last == held) {
                        sent.notBefore = now.plus(retry.after()).toEpochMilli();
                    }
                }
            }
        }
        if (!(settle.outcome() instanceof Outcome.Done)) {
            sent.removers.remove(attempt);
        }
    }

    /// A settle that was accepted found the lease's queue in its present life.
    private Definition.Queue definitionOf(Held held) {
        Life life = names.life(held.handle.queue());
        PromiseBroken.unless(
                life != null, held.sent.id, "Settled in %s, which is gone", held.handle.queue());
        return life.definition;
    }

    private void buried(Held held, Receipt.Effect.Settled effect) {
        Sent sent = held.sent;
        ChannelName target = definitionOf(held).deadLetter();
        Life life = target == null ? null : names.life(target);
        ChannelName expected = life == null ? null : target;
        PromiseBroken.unless(
                Objects.equals(expected, effect.deadLetter()),
                sent.id,
                "Dead-lettered to %s, though its queue says %s",
                effect.deadLetter(),
                expected);
        if (target == null) {
            sent.gone = "it was given up and has no dead-letter queue";
        } else if (life == null) {
            // It waits for its target, or for a definition that drops it.
            sent.stranded = true;
        } else if (sent.last == held) {
            sent.life = life;
            sent.sequence = 0;
            sent.deaths++;
        }
    }

    /// Only the newest lease may be settled, extended or checked, and only once.
    void requireCurrent(Attempt attempt, int index) {
        Held held = attempt.leases[index];
        PromiseBroken.unless(!held.ended, held.sent.id, "%s was settled before", held.handle);
        PromiseBroken.unless(
                attempt.newest[index].equals(held.fence()),
                held.sent.id,
                "%s was accepted after %s had been handed out",
                held.handle,
                attempt.newest[index]);
    }

    /// A lease that is surely current must not be refused.
    void requireStale(Attempt attempt, int index) {
        Held held = attempt.leases[index];
        boolean current =
                !held.ended
                        && !held.mayHaveEnded
                        && !held.forgettable
                        && held.enders.stream().allMatch(ender -> ender == attempt)
                        && held.sent.removers.isEmpty()
                        && !held.sent.atRisk
                        && held.sent.last == held
                        && machine.latest() < held.until;
        PromiseBroken.unless(!current, held.sent.id, "%s was refused as stale", held.handle);
    }
}
