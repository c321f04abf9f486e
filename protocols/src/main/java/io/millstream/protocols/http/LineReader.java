package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.wire.Ask;
import io.millstream.wire.Told;

import java.util.List;

/// One reader of a topic over a line. What it read and there is no room for, it reads again. Used
/// on the line's event loop.
final class LineReader implements LineWork {
    private static final int RECORD_BYTES = 512;

    private final Line line;
    private final long id;
    private final LineSession session;
    private final ChannelName topic;
    private TopicReader reader;
    private long missedBefore;
    private boolean busy;

    private LineReader(Line line, long id, LineSession session, From from) {
        this.line = line;
        this.id = id;
        this.session = session;
        this.topic = topicOf(from);
        this.reader = session.session().read(from);
    }

    static LineReader begin(Line line, long id, LineSession session, From from) {
        Rights.demand(Rights.reading(topicOf(from)), line.who());
        return new LineReader(line, id, session, from);
    }

    private static ChannelName topicOf(From from) {
        return switch (from) {
            case From.Offset offset -> offset.topic();
            case From.Time time -> time.topic();
        };
    }

    /// The next records, as somebody's answer.
    void next(LineAsk ask, long asked, Ask.Next next) {
        Rights.demand(Rights.reading(topic), line.who());
        if (busy) {
            throw Trouble.MALFORMED.at(
                    "$.reader", "The reader reads already. Wait for its answer, or end that.");
        }
        ApiLimits limits = line.premises().limits();
        Pending<Fetched> pending =
                reader.next(
                        Math.min(next.messages(), limits.takeMessagesMax()),
                        Math.min(next.bytes(), limits.takeBytesMax()),
                        next.maxWait());
        busy = true;
        ask.onGone(pending::cancel);
        ask.when(
                pending.stage().whenComplete((_, _) -> line.context().runOnContext(_ -> free())),
                fetched -> arrived(ask, asked, fetched));
    }

    private void free() {
        busy = false;
    }

    private void arrived(LineAsk ask, long asked, Fetched fetched) {
        busy = false;
        switch (fetched) {
            case Fetched.Refused _ -> ask.answer(new Told.Fetched(asked, fetched), RECORD_BYTES);
            case Fetched.Records records -> {
                long bytes = bytes(records.records());
                boolean small = bytes <= line.premises().limits().smallAnswerBytesMax();
                if (small || line.premises().answers().tryHold(bytes)) {
                    Fetched all = withMissed(records);
                    missedBefore = 0;
                    ask.answer(new Told.Fetched(asked, all), bytes, !small);
                } else {
                    readAgain(records);
                    throw ask.noRoom();
                }
            }
        }
    }

    private Fetched withMissed(Fetched.Records records) {
        return new Fetched.Records(
                records.now(), records.records(), records.missed() + missedBefore);
    }

    private void readAgain(Fetched.Records records) {
        TopicRecord first = records.records().getFirst();
        missedBefore += records.missed();
        reader.close();
        reader = session.session().read(new From.Offset(topic, first.partition(), first.offset()));
    }

    private static long bytes(List<TopicRecord> records) {
        return RECORD_BYTES
                + records.stream()
                        .mapToLong(one -> RECORD_BYTES + Taking.jsonBytes(one.message()))
                        .sum();
    }

    @Override
    public void cancel() {
        reader.close();
        line.done(id);
    }

    @Override
    public boolean endsWith(LineSession ended) {
        return ended == session;
    }
}
