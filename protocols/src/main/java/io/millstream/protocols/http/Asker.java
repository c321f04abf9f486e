package io.millstream.protocols.http;

import io.millstream.api.Found;
import io.millstream.api.Query;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.protocols.access.Principal;
import io.vertx.core.Context;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// Somebody who waits for one answer, by a request of its own or over a line. Used on its event
/// loop.
interface Asker {

    /// Who it is.
    Principal principal();

    /// Its event loop.
    Context context();

    /// Whether it has left, or was answered already.
    boolean isOver();

    /// Does it; what it throws becomes the answer.
    void attempt(Runnable step);

    /// Goes on with what a stage gives, on this event loop, unless it fails.
    <T> void when(CompletionStage<T> stage, Consumer<T> then);

    /// Calls off what waits, once it has left.
    void onGone(Runnable stop);

    /// What happens if the answer that is given next does not reach it.
    void onUndelivered(Runnable undo);

    /// Holds so many bytes for its answer, if there are.
    boolean holdAnswer(long bytes);

    /// Counts bytes as its answer's that are held already.
    void takeOver(long bytes);

    /// That there are not.
    default ProblemException noRoom() {
        return Trouble.NO_ROOM.with(
                "Answers to others take all the memory that there is for answers. Ask again in a"
                        + " moment, or for less.");
    }

    /// Answers with what was taken.
    ///
    /// @param bytes how many bytes of JSON it may become
    void taken(Taken taken, long bytes);

    /// Answers with what was seen.
    ///
    /// @param bytes how many bytes of JSON it may become
    <V extends View> void found(Query<V> query, Found<V> found, long bytes);
}
