package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/// Something seen by a [Query].
public sealed interface View {

    /// A queue or a topic.
    sealed interface ChannelView extends View {
        /// As declared.
        Definition definition();
    }

    /// A queue.
    ///
    /// @param definition as declared
    /// @param incarnation which life of that name
    /// @param version of the definition, for [Expect.Version]
    /// @param created when this life began
    /// @param modified when the definition last changed
    /// @param counts what is in it
    record QueueView(
            Definition.Queue definition,
            long incarnation,
            long version,
            Instant created,
            Instant modified,
            QueueCounts counts)
            implements ChannelView {}

    /// What is in a queue and has passed through it.
    ///
    /// @param ready waiting to be handed out
    /// @param leased handed out and unsettled
    /// @param delayed waiting for their time
    /// @param bytes stored size of all of them, headers included
    /// @param stored messages put since the queue was created
    /// @param done messages settled as done since then
    /// @param dead messages dead-lettered or given up since then
    /// @param expired messages dropped for their age since then
    /// @param kept messages that were settled as done and are kept, [Definition.Queue#keepSettled];
    ///   in none of the other numbers but `done`
    record QueueCounts(
            long ready,
            long leased,
            long delayed,
            long bytes,
            long stored,
            long done,
            long dead,
            long expired,
            long kept) {

        /// All that is in it.
        public long messages() {
            return ready + leased + delayed;
        }
    }

    /// A message in a queue.
    ///
    /// @param sequence its place
    /// @param state what it is waiting for
    /// @param deliveries how often it was handed out
    /// @param stored when it was stored
    /// @param due when it joins the ready ones by itself, or null
    /// @param bodyBytes the whole body's length
    /// @param message with the body cut to what was asked for
    record MessageView(
            long sequence,
            MessageState state,
            int deliveries,
            Instant stored,
            @Nullable Instant due,
            int bodyBytes,
            Message message)
            implements View {}

    /// What a message is waiting for.
    enum MessageState {
        /// To be handed out.
        READY,
        /// To be settled.
        LEASED,
        /// For its time.
        DELAYED
    }

    /// A topic.
    ///
    /// @param definition as declared
    /// @param incarnation which life of that name
    /// @param version of the definition, for [Expect.Version]
    /// @param created when this life began
    /// @param modified when the definition last changed
    /// @param partitions what is in each
    record TopicView(
            Definition.Topic definition,
            long incarnation,
            long version,
            Instant created,
            Instant modified,
            List<PartitionView> partitions)
            implements ChannelView {
        /// Copies the partitions.
        public TopicView {
            partitions = List.copyOf(partitions);
        }
    }

    /// What is in a partition.
    ///
    /// @param start the offset of the first record that is kept
    /// @param end the offset that the next record gets
    /// @param bytes stored size of what is kept
    record PartitionView(long start, long end, long bytes) {

        /// How many records are kept.
        public long records() {
            return end - start;
        }
    }

    /// A named cursor.
    ///
    /// @param name its name
    /// @param offsets the next record to read of each partition, 0 where it was never moved
    record CursorView(String name, List<Long> offsets) implements View {
        /// Copies the offsets.
        public CursorView {
            offsets = List.copyOf(offsets);
        }
    }

    /// A row of a table.
    ///
    /// @param key its key
    /// @param value its value
    /// @param version for [Expect.Version]
    /// @param expiresAt when it goes by itself, or null
    record RowView(String key, Bytes value, long version, @Nullable Instant expiresAt)
            implements View {}

    /// An exchange.
    ///
    /// @param definition as declared
    /// @param version of the definition, for [Expect.Version]
    /// @param bindings how many lead from it
    record ExchangeView(Definition.Exchange definition, long version, int bindings)
            implements View {}

    /// A binding.
    ///
    /// @param definition as declared
    /// @param version of the definition, for [Expect.Version]
    record BindingView(Definition.Binding definition, long version) implements View {}

    /// Where a message would go.
    ///
    /// @param targets queues and topics that would get it, in the order of names; those that are
    ///   full are among them
    /// @param alternate whether an alternate exchange would be asked
    /// @param verdicts what each binding that was asked says, in the order they were asked
    record RouteView(List<ChannelName> targets, boolean alternate, List<Verdict> verdicts)
            implements View {
        /// Copies the lists.
        public RouteView {
            targets = List.copyOf(targets);
            verdicts = List.copyOf(verdicts);
        }
    }

    /// What a binding says to a message.
    ///
    /// @param binding which
    /// @param takes whether it lets it through
    /// @param why in words
    record Verdict(BindingName binding, boolean takes, String why) {}
}
