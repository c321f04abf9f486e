package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.Commit;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;

/// A commit with its messages already encoded, which needs no state and so is done outside the
/// loop.
///
/// @param commit as it was asked for
/// @param messages the encoded message of each `Put`, and an empty array for every other operation
/// @param bytes roughly how much room it takes in the log
/// @param publishes whether it adds messages or rows, and so may have to wait for room
public record PreparedCommit(Commit commit, byte[][] messages, long bytes, boolean publishes) {
    private static final byte[] NONE = new byte[0];
    private static final int OPERATION_BYTES = 64;

    /// The size of a message by which it is limited: body, key and headers.
    public static long bytesOf(Message message) {
        Bytes key = message.key();
        long bytes = message.body().length() + (key == null ? 0L : key.length());
        for (Header header : message.headers()) {
            bytes += header.name().length() + header.type().length() + header.value().length();
        }
        return bytes;
    }

    /// Encodes what `commit` puts. Takes as long as copying its messages; any thread.
    public static PreparedCommit of(Commit commit) {
        byte[][] messages = new byte[commit.operations().size()][];
        long bytes = 0;
        boolean publishes = false;
        boolean settles = false;
        for (int i = 0; i < messages.length; i++) {
            Operation operation = commit.operations().get(i);
            messages[i] =
                    operation instanceof Operation.Put put
                            ? StoredMessage.encode(put.message())
                            : NONE;
            bytes += OPERATION_BYTES + messages[i].length;
            if (operation instanceof Operation.Write write && write.value() != null) {
                bytes += write.value().length();
            }
            publishes |=
                    operation instanceof Operation.Put
                            || operation instanceof Operation.Write
                            || operation instanceof Operation.Define;
            settles |= operation instanceof Operation.Settle;
        }
        return new PreparedCommit(commit, messages, bytes, publishes && !settles);
    }
}
