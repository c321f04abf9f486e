package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TIME;

import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Refusal;
import io.millstream.api.TopicRecord;

import java.time.Instant;
import java.util.List;

/// Reading topics: where from, and what was there.
final class TopicForm {
    static final Kind<From> FROM =
            Kind.object(
                    "where to read from, such as {\"topic\":\"orders\",\"offset\":0}",
                    TopicForm::writeFrom,
                    TopicForm::readFrom);

    static final Kind<Fetched> FETCHED =
            Kind.object("what was read", TopicForm::writeFetched, TopicForm::readFetched);

    private static final String FETCHED_TAG = "fetched";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<List<TopicRecord>> RECORDS =
            Kinds.list(
                    Kind.object(
                            "a record",
                            (out, one) ->
                                    out.or("partition", SMALL_COUNT, one.partition(), 0)
                                            .put("offset", COUNT, one.offset())
                                            .put("stored", TIME, one.stored())
                                            .put("message", MessageForm.KIND, one.message()),
                            in ->
                                    new TopicRecord(
                                            in.or("partition", SMALL_COUNT, 0),
                                            in.get("offset", COUNT),
                                            in.get("stored", TIME),
                                            in.get("message", MessageForm.KIND))));

    private enum Tag {
        RECORDS,
        REFUSED
    }

    private TopicForm() {}

    private static void writeFrom(Out out, From from) {
        switch (from) {
            case From.Offset offset ->
                    out.put("topic", CHANNEL, offset.topic())
                            .or("partition", SMALL_COUNT, offset.partition(), 0)
                            .put("offset", COUNT, offset.offset());
            case From.Time time ->
                    out.put("topic", CHANNEL, time.topic())
                            .or("partition", SMALL_COUNT, time.partition(), 0)
                            .put("time", TIME, time.time());
        }
    }

    private static From readFrom(In in) {
        var topic = in.get("topic", CHANNEL);
        int partition = in.or("partition", SMALL_COUNT, 0);
        return in.has("time")
                ? new From.Time(topic, partition, in.get("time", TIME))
                : new From.Offset(topic, partition, in.get("offset", COUNT));
    }

    private static void writeFetched(Out out, Fetched fetched) {
        switch (fetched) {
            case Fetched.Records(Instant now, List<TopicRecord> records, long missed) ->
                    out.put(FETCHED_TAG, TAG, Tag.RECORDS)
                            .put("now", TIME, now)
                            .put("records", RECORDS, records)
                            .or("missed", COUNT, missed, 0L);
            case Fetched.Refused(Instant now, Refusal refusal) ->
                    out.put(FETCHED_TAG, TAG, Tag.REFUSED)
                            .put("now", TIME, now)
                            .put("refusal", RefusalForm.KIND, refusal);
        }
    }

    private static Fetched readFetched(In in) {
        return switch (in.get(FETCHED_TAG, TAG)) {
            case RECORDS ->
                    new Fetched.Records(
                            in.get("now", TIME),
                            in.get("records", RECORDS),
                            in.or("missed", COUNT, 0L));
            case REFUSED ->
                    new Fetched.Refused(in.get("now", TIME), in.get("refusal", RefusalForm.KIND));
        };
    }
}
