package io.millstream.server.client;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Lease;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.server.config.ConfigException;
import io.millstream.wire.Forms;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// `millstream receive`: prints messages of a queue, and settles what was printed.
///
/// The leases last as long as the session, so what it held when it was killed is back at once.
final class ReceiveCommand {
    private static final String MESSAGES = "--messages";
    private static final String WAIT = "--wait";
    private static final String FOLLOW = "--follow";
    private static final String SETTLE = "--settle";
    private static final String KEEP = "--keep";
    private static final String TYPE = "--type";
    private static final String RAW = "--raw";
    private static final int MESSAGES_MAX = 1_000_000;
    private static final int KEPT_MAX = 1000;
    private static final int TAKE_MESSAGES = 100;
    private static final Duration FOLLOW_WAIT = Duration.ofSeconds(30);

    /// How what was printed is settled.
    private enum Settling {
        DONE,
        RELEASE
    }

    /// @param messages how many at most
    /// @param patience how long it waits for them
    /// @param follows whether it goes on until it is stopped
    /// @param types which
    /// @param settling how
    /// @param raw whether bodies are printed with nothing between them
    private record Wish(
            ChannelName queue,
            int messages,
            Duration patience,
            boolean follows,
            Set<String> types,
            Settling settling,
            boolean raw) {}

    private final Call call;
    private final Wish wish;
    private final Session session;
    private final List<Lease> kept = new ArrayList<>();
    private int received;
    private boolean isRetrying;

    private ReceiveCommand(Call call, Wish wish, Session session) {
        this.call = call;
        this.wish = wish;
        this.session = session;
    }

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "receive",
                        "Prints messages of a queue; they are done once they are printed.",
                        ReceiveCommand::read);
        verb.spec()
                .addPositional(Specs.word(0, "QUEUE", "Which queue."))
                .addOption(Specs.text("N", "How many at most. Default: 1", "-n", MESSAGES))
                .addOption(Specs.text("TIME", "How long to wait for them. Default: 0s", "-w", WAIT))
                .addOption(Specs.flag("Go on until Ctrl-C, or N are received.", "-f", FOLLOW))
                .addOption(
                        Specs.text(
                                "done|release",
                                "What becomes of what was printed. Default: done",
                                SETTLE))
                .addOption(Specs.flag("Give them back; the same as --settle release.", KEEP))
                .addOption(Specs.texts("TYPE", "Only of this type. May be given many times.", TYPE))
                .addOption(Specs.flag("Print bodies with nothing between them.", RAW));
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        typed.notBoth(SETTLE, KEEP);
        typed.notBoth(RAW, Specs.JSON);
        typed.notBoth(FOLLOW, WAIT);
        boolean follows = typed.has(FOLLOW);
        Settling named = typed.oneOf(SETTLE, Settling.class);
        Settling settling =
                typed.has(KEEP) ? Settling.RELEASE : named == null ? Settling.DONE : named;
        boolean isKept = settling == Settling.RELEASE;
        int most = isKept ? KEPT_MAX : MESSAGES_MAX;
        if (isKept && follows) {
            throw new ConfigException(
                    "What is given back comes again: --follow goes with --settle done only. To"
                            + " look without receiving: millstream queues browse");
        }
        Wish wish =
                new Wish(
                        ChannelName.of(typed.word(0, "")),
                        typed.whole(MESSAGES, follows ? Integer.MAX_VALUE : 1, 1, most),
                        typed.time(WAIT, Duration.ZERO),
                        follows,
                        Set.copyOf(typed.texts(TYPE)),
                        settling,
                        typed.has(RAW));
        return call -> run(call, wish);
    }

    private static int run(Call call, Wish wish) {
        Session session = call.millstream().backend().session(SessionSpec.of("millstream receive"));
        try (session) {
            return new ReceiveCommand(call, wish, session).run();
        }
    }

    private int run() {
        long end = System.nanoTime() + wish.patience.toNanos();
        boolean isMore = true;
        while (isMore && received < wish.messages && !call.stop().isAsked()) {
            Duration wait =
                    wish.follows
                            ? FOLLOW_WAIT
                            : Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            List<Lease> leases = take(wait);
            print(leases);
            isMore = !leases.isEmpty() || wish.follows || System.nanoTime() < end;
        }
        settle(kept, Outcome.returned());
        return received == 0 ? Status.NOTHING : Status.DONE;
    }

    private List<Lease> take(Duration wait) {
        int messages = Math.min(TAKE_MESSAGES, wish.messages - received);
        Pending<Taken> taking =
                session.take(
                        Take.of(wish.queue, messages, Term.WhileOpen.WHILE_OPEN, wait)
                                .withTypes(wish.types));
        call.stop().calls(taking::cancel);
        try {
            Taken taken = Answers.of(taking.stage());
            isRetrying = false;
            return switch (taken) {
                case Taken.Leased leased -> leased.leases();
                case Taken.Refused refused -> throw new RefusedException(refused.refusal());
            };
        } catch (ConnectionLostException lost) {
            // Who follows goes on once the server is back, if that is soon.
            if (isRetrying || !wish.follows) {
                throw lost;
            }
            isRetrying = true;
            return List.of();
        }
    }

    private void print(List<Lease> leases) {
        int printed = 0;
        while (printed < leases.size() && !call.stop().isAsked()) {
            Lease lease = leases.get(printed);
            if (call.out().isJson()) {
                call.out().json(Forms.LEASE.write(lease));
            } else {
                call.out().bytes(lease.message().body().toArray());
                if (!wish.raw) {
                    call.out().newLine();
                }
            }
            printed++;
        }
        if (!call.out().flush()) {
            settle(leases, Outcome.returned());
            settle(kept, Outcome.returned());
            throw new MillstreamException(
                    "Nobody reads what is printed any more. %s given back."
                            .formatted(Texts.count(leases.size() + kept.size(), "message")));
        }
        received += printed;
        if (wish.settling == Settling.DONE) {
            settle(leases.subList(0, printed), Outcome.done());
        } else {
            kept.addAll(leases.subList(0, printed));
        }
        settle(leases.subList(printed, leases.size()), Outcome.returned());
    }

    private void settle(List<Lease> leases, Outcome outcome) {
        if (leases.isEmpty()) {
            return;
        }
        List<Commit> commits =
                leases.stream()
                        .map(lease -> Commit.of(new Operation.Settle(lease.handle(), outcome)))
                        .toList();
        List<Receipt.Refused> refused =
                Answers.of(session.commit(commits)).stream()
                        .filter(Receipt.Refused.class::isInstance)
                        .map(Receipt.Refused.class::cast)
                        .toList();
        // What is given back and cannot be is back already.
        if (!refused.isEmpty() && outcome instanceof Outcome.Done) {
            throw new MillstreamException(
                    "%s printed and not settled, and may come again: %s"
                            .formatted(
                                    Texts.count(refused.size(), "message"),
                                    refused.getFirst().refusal().text()));
        }
    }
}
