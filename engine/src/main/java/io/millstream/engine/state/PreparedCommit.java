package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Header;
import io.millstream.api.Longest;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Refusal;
import io.millstream.engine.batch.BatchWriter;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A commit with its messages already encoded, which needs no state and so is done outside the
/// loop.
///
/// @param commit as it was asked for
/// @param messages the encoded message of each `Put` and `Publish`, the batch of each `Append`, and
///   an empty array for every other operation
/// @param bytes roughly how much room it takes in the log
/// @param adds whether it adds messages or rows
/// @param settles whether it settles anything
/// @param rejected why it is refused whatever the state is, or null
public record PreparedCommit(
        Commit commit,
        byte[][] messages,
        long bytes,
        boolean adds,
        boolean settles,
        Decision.@Nullable Rejected rejected) {
    private static final byte[] NONE = new byte[0];
    private static final int OPERATION_BYTES = 64;
    private static final long CHAR_BYTES_MAX = 3;

    /// The size of a message by which it is limited: body, key and headers.
    public static long bytesOf(Message message) {
        Bytes key = message.key();
        long bytes = message.body().length() + (key == null ? 0L : key.length());
        for (Header header : message.headers()) {
            bytes += header.name().length() + header.type().length() + header.value().length();
        }
        return bytes;
    }

    /// Encodes what `commit` puts and appends. Takes as long as copying its messages; any thread.
    ///
    /// @param nowMillis the wall clock, for records that have no time of their own
    public static PreparedCommit of(Commit commit, long nowMillis) {
        byte[][] messages = new byte[commit.operations().size()][];
        long bytes = 0;
        boolean publishes = false;
        boolean settles = false;
        for (int i = 0; i < messages.length; i++) {
            Operation operation = commit.operations().get(i);
            messages[i] =
                    switch (operation) {
                        case Operation.Put put -> StoredMessage.encode(put.message());
                        case Operation.Publish publish -> StoredMessage.encode(publish.message());
                        case Operation.Append append ->
                                BatchWriter.write(append.messages(), nowMillis);
                        default -> NONE;
                    };
            bytes += OPERATION_BYTES + messages[i].length + textBytes(operation);
            publishes |=
                    operation instanceof Operation.Put
                            || operation instanceof Operation.Publish
                            || operation instanceof Operation.Append
                            || (operation instanceof Operation.Write write
                                    && write.value() != null);
            settles |= operation instanceof Operation.Settle;
        }
        return new PreparedCommit(commit, messages, bytes, publishes, settles, rejected(commit));
    }

    /// One that is refused as busy, unless it was done before: of all that it says, its id alone is
    /// kept.
    public static PreparedCommit turnedAway(@Nullable CommitId id, Refusal.Busy why) {
        Operation nothing =
                new Operation.CheckDefinition(ChannelName.of("-"), Expect.Anything.ANYTHING);
        return new PreparedCommit(
                new Commit(id, List.of(nothing)),
                new byte[][] {NONE},
                OPERATION_BYTES,
                false,
                false,
                new Decision.Rejected(0, why));
    }

    private static Decision.@Nullable Rejected rejected(Commit commit) {
        for (int i = 0; i < commit.operations().size(); i++) {
            Optional<Refusal> tooLong = Longest.CENTURY.refusalOf(commit.operations().get(i));
            if (tooLong.isPresent()) {
                return new Decision.Rejected(i, tooLong.get());
            }
        }
        return null;
    }

    /// Whether it adds something and settles nothing, and so may have to wait for room.
    public boolean publishes() {
        return adds && !settles;
    }

    /// What an operation says besides a message, at most. If this were too little, a commit that
    /// fits into no file would wait for room for ever.
    private static long textBytes(Operation operation) {
        return switch (operation) {
            case Operation.Write write ->
                    CHAR_BYTES_MAX * (write.table().length() + write.key().length())
                            + (write.value() == null ? 0 : write.value().length());
            case Operation.Settle(var handle, Outcome.Dead(String reason), var stale) ->
                    CHAR_BYTES_MAX * reason.length();
            case Operation.Define(Definition.Queue queue, var expect) ->
                    DefinitionCodec.bytesOf(queue);
            case Operation.Define(Definition.Topic topic, var expect) ->
                    textBytes(topic.arguments());
            case Operation.Define(Definition.Exchange exchange, var expect) ->
                    RouteCodec.bytesOf(exchange);
            case Operation.Define(Definition.Binding binding, var expect) ->
                    RouteCodec.bytesOf(binding);
            case Operation.Unbind unbind ->
                    RouteCodec.bytesOf(Definition.Binding.of(unbind.binding()));
            case Operation.RemoveExchange _ -> CHAR_BYTES_MAX * 2 * ChannelName.NAME_CHARS_MAX;
            case Operation.MoveCursor move -> CHAR_BYTES_MAX * move.cursor().length();
            default -> 0;
        };
    }

    private static long textBytes(Map<String, String> arguments) {
        long chars = 4L * ChannelName.NAME_CHARS_MAX;
        for (Map.Entry<String, String> argument : arguments.entrySet()) {
            chars += argument.getKey().length() + argument.getValue().length() + 2;
        }
        return CHAR_BYTES_MAX * chars;
    }
}
