package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.HANDLE;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TIME;

import io.millstream.api.Lease;
import io.millstream.api.Via;

import java.util.List;

/// Leases. The way that a message took is a member where it is not the usual one.
final class LeaseForm {
    static final Kind<Lease> KIND = Kind.object("a lease", LeaseForm::write, LeaseForm::read);

    private static final String DEAD_LETTERED = "dead_lettered";
    private static final Kind<Integer> POSITIVE = Kinds.small(1, Integer.MAX_VALUE);
    private static final Kind<Via.Cause> CAUSE = Kinds.word(Via.Cause.class);
    private static final Kind<List<Via.Death>> DEATHS =
            Kinds.list(
                    Kind.object(
                            "what a message died of",
                            (out, death) ->
                                    out.put("queue", CHANNEL, death.queue())
                                            .put("cause", CAUSE, death.cause())
                                            .put("count", POSITIVE, death.count())
                                            .put("first", TIME, death.first())
                                            .put("last", TIME, death.last()),
                            in ->
                                    new Via.Death(
                                            in.get("queue", CHANNEL),
                                            in.get("cause", CAUSE),
                                            in.get("count", POSITIVE),
                                            in.get("first", TIME),
                                            in.get("last", TIME))));
    private static final Kind<Via.DeadLettered> DEAD_LETTER =
            Kind.object(
                    "how a message was dead-lettered",
                    (out, via) ->
                            out.put("from", CHANNEL, via.from())
                                    .put("cause", CAUSE, via.cause())
                                    .put("reason", TEXT, via.reason())
                                    .put("at", TIME, via.at())
                                    .put("deaths", POSITIVE, via.deaths())
                                    .put("history", DEATHS, via.history()),
                    in ->
                            new Via.DeadLettered(
                                    in.get("from", CHANNEL),
                                    in.get("cause", CAUSE),
                                    in.get("reason", TEXT),
                                    in.get("at", TIME),
                                    in.get("deaths", POSITIVE),
                                    in.get("history", DEATHS)));

    private LeaseForm() {}

    private static void write(Out out, Lease lease) {
        out.put("handle", HANDLE, lease.handle())
                .put("deliveries", Kinds.SMALL_COUNT, lease.deliveries())
                .put("attempts", Kinds.SMALL_COUNT, lease.attempts())
                .put("stored", TIME, lease.stored())
                .put("first_delivered", TIME, lease.firstDelivered())
                .maybe("until", TIME, lease.until());
        switch (lease.via()) {
            case Via.Direct _ -> {}
            case Via.DeadLettered via -> out.put(DEAD_LETTERED, DEAD_LETTER, via);
        }
        out.put("message", MessageForm.KIND, lease.message());
    }

    private static Lease read(In in) {
        Via.DeadLettered via = in.maybe(DEAD_LETTERED, DEAD_LETTER);
        return new Lease(
                in.get("handle", HANDLE),
                in.get("deliveries", Kinds.SMALL_COUNT),
                in.get("attempts", Kinds.SMALL_COUNT),
                in.get("stored", TIME),
                in.get("first_delivered", TIME),
                in.maybe("until", TIME),
                via == null ? Via.Direct.DIRECT : via,
                in.get("message", MessageForm.KIND));
    }
}
