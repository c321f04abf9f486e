package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.HANDLE;
import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TIME;
import static io.millstream.wire.Kinds.WHOLE;

import io.millstream.api.Bytes;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.Edit;
import io.millstream.api.Operation.Edit.IfHeld;
import io.millstream.api.Operation.IfDuplicate;
import io.millstream.api.Operation.Stale;
import io.millstream.api.Operation.WhenFull;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// The operations of a commit, told apart by `op`.
final class OperationForm {
    static final Kind<Operation> KIND =
            Kind.object(
                    "an operation, such as {\"op\":\"put\",\"queue\":\"mail\",\"message\":"
                            + "{\"text\":\"hi\"}}",
                    OperationForm::write,
                    OperationForm::read);

    private static final String OP = "op";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<IfDuplicate> IF_DUPLICATE = Kinds.word(IfDuplicate.class);
    private static final Kind<WhenFull> WHEN_FULL = Kinds.word(WhenFull.class);
    private static final Kind<IfHeld> IF_HELD = Kinds.word(IfHeld.class);
    private static final Kind<Stale> STALE = Kinds.word(Stale.class);
    private static final Kind<Integer> POSITIVE = Kinds.small(1, Integer.MAX_VALUE);
    private static final Kind<List<Message>> MESSAGES = Kinds.list(MessageForm.KIND);

    private enum Tag {
        DEFINE,
        REMOVE,
        PUT,
        APPEND,
        PUBLISH,
        REMOVE_EXCHANGE,
        UNBIND,
        SETTLE,
        EXTEND,
        CHECK,
        CHECK_DEFINITION,
        PURGE,
        DROP,
        MOVE,
        REPLAY,
        WRITE,
        MOVE_CURSOR
    }

    private OperationForm() {}

    private static void write(Out out, Operation operation) {
        switch (operation) {
            case Operation.Define define ->
                    ExpectMembers.write(
                            out.put(OP, TAG, Tag.DEFINE)
                                    .put("definition", DefinitionForm.KIND, define.definition()),
                            define.expect());
            case Operation.Remove remove ->
                    ExpectMembers.write(
                            out.put(OP, TAG, Tag.REMOVE).put("name", CHANNEL, remove.name()),
                            remove.expect());
            case Operation.Put put ->
                    out.put(OP, TAG, Tag.PUT)
                            .put("queue", CHANNEL, put.queue())
                            .or("if_duplicate", IF_DUPLICATE, put.ifDuplicate(), IfDuplicate.SKIP)
                            .put("message", MessageForm.KIND, put.message());
            case Operation.Append append ->
                    out.put(OP, TAG, Tag.APPEND)
                            .put("topic", CHANNEL, append.topic())
                            .or("partition", SMALL_COUNT, append.partition(), 0)
                            .maybe("expected_version", WHOLE, append.expectedVersion())
                            .put("messages", MESSAGES, append.messages());
            case Operation.Publish publish ->
                    out.put(OP, TAG, Tag.PUBLISH)
                            .put("exchange", CHANNEL, publish.exchange())
                            .or("routing_key", TEXT, publish.routingKey(), "")
                            .or("when_full", WHEN_FULL, publish.whenFull(), WhenFull.REFUSE)
                            .put("message", MessageForm.KIND, publish.message());
            case Operation.RemoveExchange remove ->
                    ExpectMembers.write(
                            out.put(OP, TAG, Tag.REMOVE_EXCHANGE)
                                    .put("exchange", CHANNEL, remove.exchange())
                                    .or("if_unused", FLAG, remove.ifUnused(), false),
                            remove.expect());
            case Operation.Unbind unbind ->
                    ExpectMembers.write(
                            out.put(OP, TAG, Tag.UNBIND)
                                    .put("binding", TargetForm.BINDING, unbind.binding()),
                            unbind.expect());
            case Operation.CheckDefinition check ->
                    ExpectMembers.write(
                            out.put(OP, TAG, Tag.CHECK_DEFINITION)
                                    .put("name", CHANNEL, check.name()),
                            check.expect());
            case Operation.Write write -> writeRow(out.put(OP, TAG, Tag.WRITE), write);
            case Operation.MoveCursor move ->
                    out.put(OP, TAG, Tag.MOVE_CURSOR)
                            .put("topic", CHANNEL, move.topic())
                            .or("partition", SMALL_COUNT, move.partition(), 0)
                            .put("cursor", TEXT, move.cursor())
                            .put("offset", WHOLE, move.offset());
            case Operation.Settle settle -> writeSettle(out.put(OP, TAG, Tag.SETTLE), settle);
            case Operation.Extend extend -> writeExtend(out.put(OP, TAG, Tag.EXTEND), extend);
            case Operation.Check check ->
                    out.put(OP, TAG, Tag.CHECK).put("handle", HANDLE, check.handle());
            case Edit edit -> write(out, edit);
        }
    }

    private static void writeSettle(Out out, Operation.Settle settle) {
        out.put("handle", HANDLE, settle.handle());
        OutcomeMembers.write(out, settle.outcome())
                .or("stale", STALE, settle.stale(), Stale.REFUSE);
    }

    private static void writeExtend(Out out, Operation.Extend extend) {
        out.put("handle", HANDLE, extend.handle())
                .put("length_ms", MILLIS, extend.length())
                .or("durable", FLAG, extend.durable(), false);
    }

    private static void write(Out out, Edit edit) {
        switch (edit) {
            case Edit.Purge purge ->
                    out.put(OP, TAG, Tag.PURGE).put("queue", CHANNEL, purge.queue());
            case Edit.Drop drop ->
                    out.put(OP, TAG, Tag.DROP)
                            .put("queue", CHANNEL, drop.queue())
                            .put("sequence", WHOLE, drop.sequence())
                            .or("if_held", IF_HELD, drop.ifHeld(), IfHeld.PASS);
            case Edit.Move move ->
                    out.put(OP, TAG, Tag.MOVE)
                            .put("from", CHANNEL, move.from())
                            .maybe("to", CHANNEL, move.to())
                            .put("messages", POSITIVE, move.messages());
            case Edit.Replay replay ->
                    out.put(OP, TAG, Tag.REPLAY)
                            .put("queue", CHANNEL, replay.queue())
                            .put("since", TIME, replay.since())
                            .put("until", TIME, replay.until())
                            .or("after", COUNT, replay.after(), 0L)
                            .put("messages", POSITIVE, replay.messages());
        }
    }

    private static void writeRow(Out out, Operation.Write write) {
        out.put("table", TEXT, write.table()).put("key", TEXT, write.key());
        ExpectMembers.write(out, write.expect()).maybe("expires_at", TIME, write.expiresAt());
        Content.VALUE.write(out, write.value());
        if (write.value() == null) {
            out.put("remove", FLAG, true);
        }
    }

    private static Operation read(In in) {
        return switch (in.get(OP, TAG)) {
            case DEFINE ->
                    new Operation.Define(
                            in.get("definition", DefinitionForm.KIND), ExpectMembers.read(in));
            case REMOVE -> new Operation.Remove(in.get("name", CHANNEL), ExpectMembers.read(in));
            case PUT ->
                    new Operation.Put(
                            in.get("queue", CHANNEL),
                            in.get("message", MessageForm.KIND),
                            in.or("if_duplicate", IF_DUPLICATE, IfDuplicate.SKIP));
            case APPEND ->
                    new Operation.Append(
                            in.get("topic", CHANNEL),
                            in.or("partition", SMALL_COUNT, 0),
                            in.get("messages", MESSAGES),
                            in.maybe("expected_version", WHOLE));
            case PUBLISH ->
                    new Operation.Publish(
                            in.get("exchange", CHANNEL),
                            in.or("routing_key", TEXT, ""),
                            in.get("message", MessageForm.KIND),
                            in.or("when_full", WHEN_FULL, WhenFull.REFUSE));
            case REMOVE_EXCHANGE ->
                    new Operation.RemoveExchange(
                            in.get("exchange", CHANNEL),
                            in.or("if_unused", FLAG, false),
                            ExpectMembers.read(in));
            case UNBIND ->
                    new Operation.Unbind(
                            in.get("binding", TargetForm.BINDING), ExpectMembers.read(in));
            case CHECK_DEFINITION ->
                    new Operation.CheckDefinition(in.get("name", CHANNEL), ExpectMembers.read(in));
            case WRITE -> readRow(in);
            case MOVE_CURSOR ->
                    new Operation.MoveCursor(
                            in.get("topic", CHANNEL),
                            in.or("partition", SMALL_COUNT, 0),
                            in.get("cursor", TEXT),
                            in.get("offset", WHOLE));
            case SETTLE ->
                    new Operation.Settle(
                            in.get("handle", HANDLE),
                            OutcomeMembers.read(in),
                            in.or("stale", STALE, Stale.REFUSE));
            case EXTEND ->
                    new Operation.Extend(
                            in.get("handle", HANDLE),
                            in.get("length_ms", MILLIS),
                            in.or("durable", FLAG, false));
            case CHECK -> new Operation.Check(in.get("handle", HANDLE));
            case PURGE -> new Edit.Purge(in.get("queue", CHANNEL));
            case DROP ->
                    new Edit.Drop(
                            in.get("queue", CHANNEL),
                            in.get("sequence", WHOLE),
                            in.or("if_held", IF_HELD, IfHeld.PASS));
            case MOVE ->
                    new Edit.Move(
                            in.get("from", CHANNEL),
                            in.maybe("to", CHANNEL),
                            in.get("messages", POSITIVE));
            case REPLAY -> readReplay(in);
        };
    }

    private static Edit.Replay readReplay(In in) {
        return new Edit.Replay(
                in.get("queue", CHANNEL),
                in.get("since", TIME),
                in.get("until", TIME),
                in.or("after", COUNT, 0L),
                in.get("messages", POSITIVE));
    }

    /// A row is removed only where it says so: a value that was forgotten removes nothing.
    private static Operation.Write readRow(In in) {
        String table = in.get("table", TEXT);
        String key = in.get("key", TEXT);
        boolean remove = in.or("remove", FLAG, false);
        @Nullable Bytes value = remove ? null : Content.VALUE.required(in);
        return new Operation.Write(
                table, key, value, ExpectMembers.read(in), in.maybe("expires_at", TIME));
    }
}
