package io.millstream.protocols.http;

import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Pending;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.protocols.room.Room;
import io.vertx.core.Vertx;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One take, which takes no more memory than there is room for, and of which nothing is lost.
///
/// What comes and is more than a small answer needs room. If there is none, it goes back to its
/// place at once, the take stands in line for as much room, and then takes again. What settles
/// itself by being delivered cannot go back, so there the line comes first.
///
/// Messages whose taker has left before it was answered go back, too. They have been delivered once
/// more then, and no attempt was used.
final class Taking {
    /// How long a take stands in line for room at most. Who would not wait for messages at all
    /// waits a second for it.
    private static final long LINE_SECONDS_MAX = 3_600;

    /// How many bytes a lease takes besides what is counted of its message.
    private static final int LEASE_BYTES = 1_024;

    /// A message is there once as it is, and as JSON, which is longer.
    private static final int COPIES = 3;

    private final Premises premises;
    private final Asker asker;
    private final Vertx vertx;
    private final OpenSession session;
    private final Take asked;
    private final boolean returns;
    private final long begunNanos = System.nanoTime();
    private long reserved;

    private Taking(Premises premises, Asker asker, OpenSession session, Take asked) {
        this.premises = premises;
        this.asker = asker;
        this.vertx = asker.context().owner();
        this.session = session;
        this.asked = asked;
        this.returns = !(asked.term() instanceof Term.Auto);
    }

    /// What has come.
    ///
    /// @param taken the answer; null if it went back
    /// @param bytes of room that are held for it, or that it would need
    private record Arrival(@Nullable Taken taken, long bytes) {}

    /// Begins one. Its asker is answered, or it throws what to answer.
    static void begin(Premises premises, Asker asker, OpenSession session, Take take) {
        Rights.demand(Rights.of(take), asker.principal());
        new Taking(premises, asker, session, take).start();
    }

    private void start() {
        long most = COPIES * Math.min(asked.bytes(), premises.limits().takeBytesMax());
        if (returns || premises.answers().tryHold(most)) {
            reserved = returns ? 0 : most;
            take();
        } else {
            standInLine(most);
        }
    }

    private void take() {
        try {
            Pending<Taken> pending = session.session().take(within());
            asker.onGone(pending::cancel);
            asker.when(
                    pending.stage()
                            .whenComplete((_, failure) -> {
                                if (failure != null) {
                                    unreserve();
                                }
                            })
                            .thenApply(this::admit),
                    this::arrived);
        } catch (RuntimeException e) {
            unreserve();
            throw e;
        }
    }

    private void unreserve() {
        premises.answers().free(reserved);
        reserved = 0;
    }

    /// What is left of it, within our bounds.
    private Take within() {
        ApiLimits limits = premises.limits();
        return new Take(
                asked.queue(),
                Math.min(asked.messages(), limits.takeMessagesMax()),
                Math.min(asked.bytes(), limits.takeBytesMax()),
                asked.term(),
                left(),
                asked.types());
    }

    private Duration left() {
        Duration left = asked.maxWait().minusNanos(System.nanoTime() - begunNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /// On a thread of the backend: before the next take brings something, room is held for this.
    private Arrival admit(Taken taken) {
        long before = reserved;
        reserved = 0;
        List<Lease> leases = taken instanceof Taken.Leased leased ? leased.leases() : List.of();
        long bytes = leases.stream().mapToLong(Taking::bytes).sum();
        Room room = premises.answers();
        if (bytes <= premises.limits().smallAnswerBytesMax() || bytes <= before || !returns) {
            room.hold(bytes);
            room.free(before);
            return new Arrival(taken, bytes);
        }
        room.free(before);
        if (room.tryHold(bytes)) {
            return new Arrival(taken, bytes);
        }
        premises.giveBack(leases);
        return new Arrival(null, bytes);
    }

    private void arrived(Arrival arrival) {
        Taken taken = arrival.taken();
        if (taken == null) {
            if (!asker.isOver()) {
                standInLine(arrival.bytes());
            }
            return;
        }
        asker.takeOver(arrival.bytes());
        if (returns && taken instanceof Taken.Leased leased) {
            asker.onUndelivered(() -> premises.giveBack(leased.leases()));
        }
        asker.taken(taken, arrival.bytes());
    }

    private void standInLine(long bytes) {
        new Standing(bytes).stand();
    }

    /// A place in the line for room. Used on the event loop.
    private final class Standing {
        private final long bytes;
        private boolean waiting = true;
        private Room.@Nullable Place place;
        private long timer;

        Standing(long bytes) {
            this.bytes = bytes;
        }

        void stand() {
            long seconds = Math.clamp(left().toSeconds(), 1, LINE_SECONDS_MAX);
            timer = vertx.setTimer(TimeUnit.SECONDS.toMillis(seconds), _ -> tired());
            place =
                    premises.answers()
                            .stand(bytes, () -> asker.context().runOnContext(_ -> granted()));
            asker.onGone(this::tired);
        }

        private void granted() {
            if (!waiting) {
                premises.answers().free(bytes);
                return;
            }
            waiting = false;
            vertx.cancelTimer(timer);
            reserved = bytes;
            asker.attempt(Taking.this::take);
        }

        private void tired() {
            leave();
            asker.attempt(() -> {
                throw asker.noRoom();
            });
        }

        private void leave() {
            if (waiting) {
                waiting = false;
                vertx.cancelTimer(timer);
                if (place != null) {
                    premises.answers().leave(place);
                }
            }
        }
    }

    /// How many bytes of JSON a lease may become.
    static long bytes(Lease lease) {
        return LEASE_BYTES + jsonBytes(lease.message());
    }

    /// How many bytes of JSON a message may become.
    static long jsonBytes(Message message) {
        return COPIES * bytes(message);
    }

    /// How many bytes a message has that can be many.
    static long bytes(Message message) {
        long bytes = message.body().length();
        for (Header header : message.headers()) {
            bytes += header.name().length() + header.type().length() + header.value().length();
        }
        return bytes;
    }
}
