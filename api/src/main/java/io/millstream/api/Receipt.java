package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/// The answer to one [Commit]; it leaves only when what it says is on disk.
public sealed interface Receipt {

    /// All of it happened.
    ///
    /// @param now the backend's clock when it did
    /// @param effects one for each operation, in order
    record Committed(Instant now, List<Effect> effects) implements Receipt {
        /// Copies the effects.
        public Committed {
            effects = List.copyOf(effects);
        }
    }

    /// None of it happened.
    ///
    /// @param now the backend's clock when it was refused
    /// @param operation the index of the operation that was refused
    /// @param refusal why
    record Refused(Instant now, int operation, Refusal refusal) implements Receipt {}

    /// What one operation did.
    sealed interface Effect {

        /// A message is in its queue.
        ///
        /// @param sequence its place there, increasing with every put
        record Stored(long sequence) implements Effect {}

        /// An equal message was stored before, so nothing was done.
        ///
        /// @param of the first one's sequence
        record Duplicate(long of) implements Effect {}

        /// Records are in their partition.
        ///
        /// @param first the offset of the first one
        /// @param last the offset of the last one
        record Appended(long first, long last) implements Effect {}

        /// A message has been routed.
        ///
        /// @param reached what has it now, in the order of names; nothing if no binding took it
        /// @param skipped targets that were full, if the publish said to skip them
        /// @param alternate whether an alternate exchange was asked
        record Routed(List<Reached> reached, List<Refusal.IsFull> skipped, boolean alternate)
                implements Effect {
            /// Copies the lists.
            public Routed {
                reached = List.copyOf(reached);
                skipped = List.copyOf(skipped);
            }

            /// Whether no binding took it, in this exchange or another one that was asked.
            public boolean isNowhere() {
                return reached.isEmpty() && skipped.isEmpty();
            }
        }

        /// A target of a routed message.
        ///
        /// @param target which queue or topic
        /// @param partition which partition of the topic; 0 for a queue
        /// @param effect [Stored] or [Duplicate] in a queue, [Appended] in a topic
        record Reached(ChannelName target, int partition, Effect effect) {}

        /// A definition or row has this version now.
        ///
        /// @param version for [Expect.Version]
        record Changed(long version) implements Effect {}

        /// A lease now lasts until then.
        ///
        /// @param until by the backend's clock
        record Extended(Instant until) implements Effect {}

        /// A lease has been settled.
        ///
        /// @param deadLetter where the message went, or null if it stayed or is gone
        record Settled(@Nullable ChannelName deadLetter) implements Effect {}

        /// So many messages were changed.
        ///
        /// @param messages how many
        record Edited(long messages) implements Effect {}

        /// So many messages were put again.
        ///
        /// @param messages how many
        /// @param after where to go on
        /// @param more whether there may be more
        record Replayed(long messages, long after, boolean more) implements Effect {}

        /// It was true, or it is gone.
        record Plain() implements Effect {
            /// The only value.
            public static final Plain PLAIN = new Plain();
        }
    }
}
