package io.millstream.engine;

import io.millstream.api.Lease;
import io.millstream.engine.bytes.MalformedException;

import java.util.List;
import java.util.function.Consumer;

/// Holds leases back until they may leave: when the take that made them is written, or durable
/// where what it took, or settled by taking, is not durable yet.
final class Departures {
    private final Journal journal;
    private final Answers answers;
    private final RecordReader reader;

    Departures(Journal journal, Answers answers, RecordReader reader) {
        this.journal = journal;
        this.answers = answers;
        this.reader = reader;
    }

    /// A message that cannot be decoded is damage: its taker is told that the engine stops, and the
    /// answering thread stops it.
    void hold(Leasing.Batch batch, Consumer<List<Lease>> taker, Runnable failure) {
        Runnable answer =
                () -> {
                    List<Lease> leases;
                    try {
                        leases = batch.handed().stream().map(this::toLease).toList();
                    } catch (MalformedException damaged) {
                        failure.run();
                        throw damaged;
                    }
                    taker.accept(leases);
                };
        if (batch.inOpenFrame() || batch.settled()) {
            answers.whenDurable(journal.mark(), answer, failure);
        } else {
            answers.whenWritten(journal.mark(), answer, failure);
        }
    }

    private Lease toLease(Handed handed) {
        try {
            return handed.toLease();
        } catch (MalformedException damaged) {
            throw reader.damaged(
                    handed.position(),
                    handed.handle().sequence(),
                    handed.handle().queue(),
                    damaged);
        }
    }
}
