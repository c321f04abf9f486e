package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TIME;
import static io.millstream.wire.Kinds.WHOLE;

import io.millstream.api.ChannelName;
import io.millstream.api.View;

import java.util.List;

/// What is seen, told apart by `view`.
final class ViewForm {
    static final Kind<View> KIND = Kind.object("a view", ViewForm::write, ViewForm::read);

    /// A queue or a topic.
    static final Kind<View.ChannelView> CHANNEL_VIEW =
            Kind.object("a view of a queue or topic", ViewForm::write, ViewForm::readChannel);

    /// A row, where it can be nothing else.
    static final Kind<View.RowView> ROW =
            Kind.object("a row", ViewForm::writeRow, ViewForm::readRow);

    private static final String VIEW = "view";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<View.MessageState> STATE = Kinds.word(View.MessageState.class);
    private static final Kind<List<Long>> OFFSETS = Kinds.list(COUNT);
    private static final Kind<List<ChannelName>> CHANNELS = Kinds.list(CHANNEL);
    private static final Kind<View.QueueCounts> COUNTS =
            Kind.object("counts", ViewForm::writeCounts, ViewForm::readCounts);
    private static final Kind<List<View.PartitionView>> PARTITIONS =
            Kinds.list(
                    Kind.object(
                            "a partition",
                            (out, one) ->
                                    out.put("start", COUNT, one.start())
                                            .put("end", COUNT, one.end())
                                            .put("bytes", COUNT, one.bytes()),
                            in ->
                                    new View.PartitionView(
                                            in.get("start", COUNT),
                                            in.get("end", COUNT),
                                            in.get("bytes", COUNT))));
    private static final Kind<List<View.Verdict>> VERDICTS =
            Kinds.list(
                    Kind.object(
                            "what a binding says",
                            (out, one) ->
                                    out.put("binding", TargetForm.BINDING, one.binding())
                                            .put("takes", FLAG, one.takes())
                                            .put("why", TEXT, one.why()),
                            in ->
                                    new View.Verdict(
                                            in.get("binding", TargetForm.BINDING),
                                            in.get("takes", FLAG),
                                            in.get("why", TEXT))));

    private enum Tag {
        QUEUE,
        TOPIC,
        MESSAGE,
        CURSOR,
        ROW,
        EXCHANGE,
        BINDING,
        ROUTE
    }

    private ViewForm() {}

    private static void write(Out out, View view) {
        switch (view) {
            case View.QueueView queue ->
                    out.put(VIEW, TAG, Tag.QUEUE)
                            .put("definition", QueueForm.KIND, queue.definition())
                            .put("incarnation", WHOLE, queue.incarnation())
                            .put("version", WHOLE, queue.version())
                            .put("created", TIME, queue.created())
                            .put("modified", TIME, queue.modified())
                            .put("counts", COUNTS, queue.counts());
            case View.TopicView topic ->
                    out.put(VIEW, TAG, Tag.TOPIC)
                            .put("definition", DefinitionForm.TOPIC, topic.definition())
                            .put("incarnation", WHOLE, topic.incarnation())
                            .put("version", WHOLE, topic.version())
                            .put("created", TIME, topic.created())
                            .put("modified", TIME, topic.modified())
                            .put("partitions", PARTITIONS, topic.partitions());
            case View.MessageView message ->
                    out.put(VIEW, TAG, Tag.MESSAGE)
                            .put("sequence", WHOLE, message.sequence())
                            .put("state", STATE, message.state())
                            .put("deliveries", SMALL_COUNT, message.deliveries())
                            .put("stored", TIME, message.stored())
                            .maybe("due", TIME, message.due())
                            .put("body_bytes", SMALL_COUNT, message.bodyBytes())
                            .put("message", MessageForm.KIND, message.message());
            case View.CursorView cursor ->
                    out.put(VIEW, TAG, Tag.CURSOR)
                            .put("name", TEXT, cursor.name())
                            .put("offsets", OFFSETS, cursor.offsets());
            case View.RowView row -> writeRow(out.put(VIEW, TAG, Tag.ROW), row);
            case View.ExchangeView exchange ->
                    out.put(VIEW, TAG, Tag.EXCHANGE)
                            .put("definition", DefinitionForm.EXCHANGE, exchange.definition())
                            .put("version", WHOLE, exchange.version())
                            .put("bindings", SMALL_COUNT, exchange.bindings());
            case View.BindingView binding ->
                    out.put(VIEW, TAG, Tag.BINDING)
                            .put("definition", DefinitionForm.BINDING, binding.definition())
                            .put("version", WHOLE, binding.version());
            case View.RouteView route ->
                    out.put(VIEW, TAG, Tag.ROUTE)
                            .put("targets", CHANNELS, route.targets())
                            .or("alternate", FLAG, route.alternate(), false)
                            .put("verdicts", VERDICTS, route.verdicts());
        }
    }

    private static View read(In in) {
        return switch (in.get(VIEW, TAG)) {
            case QUEUE -> readQueue(in);
            case TOPIC -> readTopic(in);
            case MESSAGE ->
                    new View.MessageView(
                            in.get("sequence", WHOLE),
                            in.get("state", STATE),
                            in.get("deliveries", SMALL_COUNT),
                            in.get("stored", TIME),
                            in.maybe("due", TIME),
                            in.get("body_bytes", SMALL_COUNT),
                            in.get("message", MessageForm.KIND));
            case CURSOR -> new View.CursorView(in.get("name", TEXT), in.get("offsets", OFFSETS));
            case ROW -> readRow(in);
            case EXCHANGE ->
                    new View.ExchangeView(
                            in.get("definition", DefinitionForm.EXCHANGE),
                            in.get("version", WHOLE),
                            in.get("bindings", SMALL_COUNT));
            case BINDING ->
                    new View.BindingView(
                            in.get("definition", DefinitionForm.BINDING), in.get("version", WHOLE));
            case ROUTE ->
                    new View.RouteView(
                            in.get("targets", CHANNELS),
                            in.or("alternate", FLAG, false),
                            in.get("verdicts", VERDICTS));
        };
    }

    private static View.ChannelView readChannel(In in) {
        if (read(in) instanceof View.ChannelView channel) {
            return channel;
        }
        throw in.wrong(VIEW, "is no queue or topic", "Give one of queue, topic");
    }

    private static View.QueueView readQueue(In in) {
        return new View.QueueView(
                in.get("definition", QueueForm.KIND),
                in.get("incarnation", WHOLE),
                in.get("version", WHOLE),
                in.get("created", TIME),
                in.get("modified", TIME),
                in.get("counts", COUNTS));
    }

    private static View.TopicView readTopic(In in) {
        return new View.TopicView(
                in.get("definition", DefinitionForm.TOPIC),
                in.get("incarnation", WHOLE),
                in.get("version", WHOLE),
                in.get("created", TIME),
                in.get("modified", TIME),
                in.get("partitions", PARTITIONS));
    }

    private static void writeRow(Out out, View.RowView row) {
        out.put("key", TEXT, row.key())
                .put("version", WHOLE, row.version())
                .maybe("expires_at", TIME, row.expiresAt());
        Content.VALUE.write(out, row.value());
    }

    private static View.RowView readRow(In in) {
        return new View.RowView(
                in.get("key", TEXT),
                Content.VALUE.required(in),
                in.get("version", WHOLE),
                in.maybe("expires_at", TIME));
    }

    private static void writeCounts(Out out, View.QueueCounts counts) {
        out.put("ready", COUNT, counts.ready())
                .put("leased", COUNT, counts.leased())
                .put("delayed", COUNT, counts.delayed())
                .put("bytes", COUNT, counts.bytes())
                .put("stored", COUNT, counts.stored())
                .put("done", COUNT, counts.done())
                .put("dead", COUNT, counts.dead())
                .put("expired", COUNT, counts.expired())
                .put("kept", COUNT, counts.kept());
    }

    private static View.QueueCounts readCounts(In in) {
        return new View.QueueCounts(
                in.get("ready", COUNT),
                in.get("leased", COUNT),
                in.get("delayed", COUNT),
                in.get("bytes", COUNT),
                in.get("stored", COUNT),
                in.get("done", COUNT),
                in.get("dead", COUNT),
                in.get("expired", COUNT),
                in.get("kept", COUNT));
    }
}
