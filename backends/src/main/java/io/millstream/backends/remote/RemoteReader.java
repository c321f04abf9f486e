package io.millstream.backends.remote;

import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// A reader of a topic, which goes on where it was over each connection.
final class RemoteReader extends Work implements TopicReader {
    private final RemoteSession session;
    private From from;
    private boolean reads;
    private boolean closed;
    private @Nullable OneAnswer<Fetched> last;

    RemoteReader(RemoteSession session, From from) {
        super(session.line().number());
        this.session = session;
        this.from = from;
    }

    private OneAnswer<Fetched> next(int messages, long bytes, Duration wait, long number) {
        return new OneAnswer<>(
                number,
                asked -> new Ask.Next(asked, id, messages, bytes, wait),
                told -> told instanceof Told.Fetched fetched ? fetched.fetched() : null,
                refusal -> new Fetched.Refused(Instant.now(), refusal));
    }

    @Override
    synchronized Ask ask() {
        return new Ask.Read(id, session.number(), from);
    }

    @Override
    boolean stands() {
        return true;
    }

    /// That it could not be opened is told to who asks for records.
    @Override
    boolean told(Told told) {
        return false;
    }

    @Override
    void failed(RuntimeException why) {}

    @Override
    public Pending<Fetched> next(int messages, long bytes, Duration wait) {
        OneAnswer<Fetched> asked = next(messages, bytes, wait, session.line().number());
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("The reader is closed. Open another one.");
            }
            if (reads) {
                throw new IllegalStateException(
                        "The reader reads already. Ask for more when that has ended.");
            }
            reads = true;
            last = asked;
        }
        CompletionStage<Fetched> stage = asked.answer().whenComplete(this::fetched);
        try {
            session.line().ask(asked);
        } catch (IllegalArgumentException unsayable) {
            asked.answer()
                    .complete(
                            new Fetched.Refused(
                                    Instant.now(),
                                    new Refusal.Invalid(String.valueOf(unsayable.getMessage()))));
        }
        return new Pending<>() {
            @Override
            public CompletionStage<Fetched> stage() {
                return stage;
            }

            @Override
            public void cancel() {
                end(asked);
            }
        };
    }

    private synchronized void fetched(Fetched fetched, Throwable failure) {
        reads = false;
        if (failure == null
                && fetched instanceof Fetched.Records records
                && !records.records().isEmpty()) {
            TopicRecord past = records.records().getLast();
            from = new From.Offset(topic(from), past.partition(), past.offset() + 1);
        }
    }

    private static io.millstream.api.ChannelName topic(From from) {
        return switch (from) {
            case From.Offset offset -> offset.topic();
            case From.Time time -> time.topic();
        };
    }

    private void end(OneAnswer<Fetched> asked) {
        if (asked.answer().isDone()) {
            return;
        }
        if (session.line().takeBack(asked)) {
            asked.answer().complete(new Fetched.Records(Instant.now(), List.of(), 0));
        } else {
            session.line().say(new Ask.End(asked.id));
        }
    }

    @Override
    public void close() {
        OneAnswer<Fetched> reading;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            reading = reads ? last : null;
        }
        if (reading != null) {
            end(reading);
        }
        session.ended(this, true);
    }
}
