package io.millstream.protocols.aws;

import io.millstream.protocols.room.Room;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A wait in the line of a room, from an event loop and with an end. Used on that loop.
final class Turn {
    private final CompletableFuture<Boolean> found = new CompletableFuture<>();
    private final CompletionStage<Boolean> end;

    /// Stands in line.
    Turn(Room room, long bytes, DoorLoop loop, Duration maxWait) {
        Room.Place place =
                room.stand(
                        bytes,
                        () ->
                                loop.execute(() -> {
                                    if (!found.complete(true)) {
                                        room.free(bytes);
                                    }
                                }));
        long timer = loop.after(maxWait, this::cancel);
        end =
                found.whenComplete((there, failure) -> {
                    loop.forget(timer);
                    // If it is granted all the same, the grant finds that nobody wants it.
                    room.leave(place);
                });
    }

    /// Whether the bytes are held; false if the wait has ended before. Completes on the loop.
    CompletionStage<Boolean> stage() {
        return end;
    }

    /// Ends the wait.
    void cancel() {
        found.complete(false);
    }
}
