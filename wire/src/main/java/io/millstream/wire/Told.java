package io.millstream.wire;

import io.millstream.api.Change;
import io.millstream.api.Found;
import io.millstream.api.Lease;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Taken;
import io.millstream.api.View;

import java.time.Duration;
import java.util.List;

/// What a server says over a socket, about what was asked under a number.
public sealed interface Told {

    /// About what; 0 if about the line.
    long id();

    /// The line is open.
    ///
    /// @param bytesMax how many bytes one message of the client may have
    /// @param silence how long the line lasts while nothing is heard from the client
    record Welcome(long bytesMax, Duration silence) implements Told {
        @Override
        public long id() {
            return 0;
        }
    }

    /// What became of commits.
    ///
    /// @param id of [Ask.Commits]
    /// @param receipts one for each, in order
    record Receipts(long id, List<Receipt> receipts) implements Told {
        /// Copies the receipts.
        public Receipts {
            receipts = List.copyOf(receipts);
        }
    }

    /// What was taken.
    ///
    /// @param id of [Ask.Take]
    /// @param taken the leases, or why there are none
    record Took(long id, Taken taken) implements Told {}

    /// Messages are leased to a consumer.
    ///
    /// @param id of [Ask.Subscribe]
    /// @param leases in order
    record Delivered(long id, List<Lease> leases) implements Told {
        /// Copies the leases.
        public Delivered {
            leases = List.copyOf(leases);
        }
    }

    /// Whether a consumer is the one that gets the messages.
    ///
    /// @param id of [Ask.Subscribe]
    /// @param active whether it is
    record Active(long id, boolean active) implements Told {}

    /// A consumer gets nothing any more.
    ///
    /// @param id of [Ask.Subscribe]
    /// @param why it has ended
    record Ended(long id, Refusal why) implements Told {}

    /// Something changed.
    ///
    /// @param id of [Ask.Watch]
    /// @param change what
    record Changed(long id, Change change) implements Told {}

    /// What a reader got.
    ///
    /// @param id of [Ask.Next]
    /// @param fetched the records, or why there are none
    record Fetched(long id, io.millstream.api.Fetched fetched) implements Told {}

    /// What was seen.
    ///
    /// @param id of [Ask.Find]
    /// @param found a page, or why there is none
    record Seen(long id, Found<View> found) implements Told {}

    /// It was not done, or has come to its end.
    ///
    /// @param id of what was asked
    /// @param problem why
    record Failed(long id, Problem problem) implements Told {}
}
