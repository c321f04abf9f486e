package io.millstream.api;

/// Why a backend did not do what it was asked to; nothing has changed.
public sealed interface Refusal {

    /// What happened, to what, and what to do, for a person.
    String text();

    /// There is no such channel.
    ///
    /// @param name which
    record NoSuchChannel(ChannelName name) implements Refusal {
        @Override
        public String text() {
            return "There is no queue or topic " + name + ". Define it first.";
        }
    }

    /// There is no such exchange.
    ///
    /// @param name which
    record NoSuchExchange(ChannelName name) implements Refusal {
        @Override
        public String text() {
            return "There is no exchange " + name + ". Define it first.";
        }
    }

    /// There is something else already.
    ///
    /// @param what a channel or row
    /// @param version its version now, or 0 if there is nothing
    record Conflict(String what, long version) implements Refusal {
        @Override
        public String text() {
            return version == 0
                    ? what + " does not exist. Read it again and decide anew."
                    : what + " is at version " + version + " now. Read it again and decide anew.";
        }
    }

    /// The lease has ended: the message was settled, or is or will be handed to somebody else.
    ///
    /// @param handle which
    record StaleFence(Handle handle) implements Refusal {
        @Override
        public String text() {
            return "The lease of message "
                    + handle.sequence()
                    + " in "
                    + handle.queue()
                    + " has ended. Drop this result: the message is settled or somebody else's.";
        }
    }

    /// The channel has reached its declared limit.
    ///
    /// @param name which
    /// @param limit in words
    record IsFull(ChannelName name, String limit) implements Refusal {
        @Override
        public String text() {
            return name + " is full (" + limit + "). Send again when some of it is consumed.";
        }
    }

    /// It would have to wait; a [Change.Pressure] says when to send it again.
    ///
    /// @param what which resource is short, and what would free it
    record Busy(String what) implements Refusal {
        @Override
        public String text() {
            return what;
        }
    }

    /// An equal message was stored before.
    ///
    /// @param of the first one's sequence
    record Duplicate(long of) implements Refusal {
        @Override
        public String text() {
            return "A duplicate of message " + of + ", which is stored.";
        }
    }

    /// Larger than this backend takes.
    ///
    /// @param what which thing
    /// @param bytes its size
    /// @param bytesMax the limit
    record TooLarge(String what, long bytes, long bytesMax) implements Refusal {
        @Override
        public String text() {
            return what + " has " + bytes + " bytes; the limit is " + bytesMax + ". Split it.";
        }
    }

    /// This backend, or this version of it, cannot; its [Capabilities] say so too.
    ///
    /// @param feature what
    record NotSupported(Feature feature) implements Refusal {
        @Override
        public String text() {
            return "This backend does not support "
                    + feature.words()
                    + ". Instead: "
                    + feature.instead();
        }
    }

    /// It makes no sense.
    ///
    /// @param what what is wrong and what would be right
    record Invalid(String what) implements Refusal {
        @Override
        public String text() {
            return what;
        }
    }
}
