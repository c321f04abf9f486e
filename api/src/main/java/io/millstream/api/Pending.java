package io.millstream.api;

import java.util.concurrent.CompletionStage;

/// Something asked for that may still be called off.
///
/// @param <T> what it ends in
public interface Pending<T> {

    /// Completes with the answer; see [Backend] for the thread.
    CompletionStage<T> stage();

    /// Calls it off: the stage completes soon, with nothing leased. Leases that were already on
    /// their way are given back to their old places without counting as a delivery, or where the
    /// store is elsewhere, as an attempt. After the stage has completed, and the second time, it
    /// does nothing.
    void cancel();
}
