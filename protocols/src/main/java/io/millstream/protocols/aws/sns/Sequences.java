package io.millstream.protocols.aws.sns;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.aws.sqs.Store;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/// Numbers the messages of FIFO topics in the order in which they are handed to the backend, for
/// all event loops.
///
/// A message carries its number to its subscribers, so it has to be known before the message is
/// stored. Numbers are therefore taken from a block, whose end is a row of the table
/// `sns.sequences` before the first of them is given; after a restart the next block begins where
/// that one ended. So they grow, and some are left out, as on AWS.
public final class Sequences {
    private static final String TABLE = "sns.sequences";
    private static final long BLOCK = 1 << 16;

    private final Map<ChannelName, Block> blocks = new ConcurrentHashMap<>();

    /// Numbers that may be given.
    private static final class Block {
        private long next;
        private long end;

        synchronized long end() {
            return end;
        }

        synchronized void add(long begin, long newEnd) {
            if (newEnd > end) {
                next = Math.max(next, begin);
                end = newEnd;
            }
        }

        /// Has `use` hand messages to the backend under the next numbers; null if there are none.
        synchronized <T> @Nullable T take(int count, LongFunction<T> use) {
            if (end - next < count) {
                return null;
            }
            long first = next;
            next += count;
            // Under the lock, so that nothing overtakes it.
            return use.apply(first);
        }
    }

    /// Hands messages to the backend, which are numbered from what `use` is given.
    ///
    /// @param count how many
    <T> CompletionStage<T> number(
            Store store, ChannelName topic, int count, LongFunction<CompletionStage<T>> use) {
        Block block = blocks.computeIfAbsent(topic, _ -> new Block());
        CompletionStage<T> used = block.take(count, use);
        return used != null
                ? used
                : reserve(store, topic, block).thenCompose(_ -> number(store, topic, count, use));
    }

    /// What forgets the numbers of a topic that is removed. One of the same name begins anew.
    static Operation end(ChannelName topic) {
        return new Operation.Write(TABLE, topic.name(), null, Expect.Anything.ANYTHING, null);
    }

    /// A topic has been removed.
    void forget(ChannelName topic) {
        blocks.remove(topic);
    }

    private static CompletionStage<?> reserve(Store store, ChannelName topic, Block block) {
        return store.find(new Query.Rows(TABLE, topic.name(), null, 1))
                .thenCompose(page -> {
                    View.RowView row =
                            page.items().stream()
                                    .filter(one -> one.key().equals(topic.name()))
                                    .findFirst()
                                    .orElse(null);
                    long noted = row == null ? 1 : Long.parseLong(row.value().utf8());
                    // The row goes with its topic, and another server may have removed that.
                    long begin = Math.max(noted, block.end());
                    Expect expect =
                            row == null
                                    ? Expect.Nothing.NOTHING
                                    : new Expect.Version(row.version());
                    Bytes end = Bytes.utf8(Long.toString(begin + BLOCK));
                    return store.commit(new Operation.Write(TABLE, topic.name(), end, expect, null))
                            .thenCompose(receipt -> {
                                if (!Topics.isConflict(receipt)) {
                                    SnsError.committed(receipt);
                                    block.add(begin, begin + BLOCK);
                                }
                                return CompletableFuture.completedStage(receipt);
                            });
                });
    }
}
