package io.millstream.protocols.http;

import io.millstream.api.Commit;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.protocols.access.Principal;
import io.millstream.wire.Ask;
import io.millstream.wire.Forms;
import io.millstream.wire.MalformedException;
import io.millstream.wire.Told;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A client's line: the whole seam over one WebSocket (RFC 6455). What is asked is done in the
/// order in which it came; what is told names what was asked by its number. When it ends, so do its
/// sessions.
///
/// Used on its event loop.
final class Line {
    private static final Logger LOG = LoggerFactory.getLogger(Line.class);
    private static final int PROBLEM_BYTES = 1_024;
    private static final int EFFECT_BYTES = 128;
    private static final int SESSIONS_MAX = 100;
    private static final int PINGS_PER_SILENCE = 3;
    private static final int REASON_CHARS_MAX = 120;

    private static final short GOING_AWAY = 1001;
    private static final short UNREADABLE = 1007;
    private static final short NOT_ALLOWED = 1008;
    private static final short TOO_BIG = 1009;
    static final short MISTAKE = 1011;
    private static final short LATER = 1013;

    private final Premises premises;
    private final ServerWebSocket socket;
    private final Context context;
    private final Principal met;
    private final LineOut out;
    private final Map<Long, LineSession> sessions = new HashMap<>();
    private final Map<Long, LineWork> works = new HashMap<>();
    private final long pinger;
    private Buffer message = Buffer.buffer();
    private boolean reading;
    private long commitBytes;
    private long heardNanos = System.nanoTime();
    private boolean closed;

    Line(Premises premises, ServerWebSocket socket, Context context, Principal met) {
        this.premises = premises;
        this.socket = socket;
        this.context = context;
        this.met = met;
        this.out = new LineOut(premises, socket, context, this::flow, this::flow);
        this.pinger =
                context.owner()
                        .setPeriodic(
                                Math.max(1, premises.limits().silenceMillis() / PINGS_PER_SILENCE),
                                _ -> ping());
        socket.frameHandler(this::framed);
        socket.pongHandler(_ -> heardNanos = System.nanoTime());
        socket.exceptionHandler(failure -> LOG.debug("A line broke", failure));
        socket.closeHandler(_ -> closed());
        premises.lines().add(this);
        out.tell(
                new Told.Welcome(
                        premises.limits().bodyBytesMax(),
                        Duration.ofMillis(premises.limits().silenceMillis())),
                0,
                List.of());
    }

    Premises premises() {
        return premises;
    }

    Context context() {
        return context;
    }

    LineOut out() {
        return out;
    }

    boolean isClosed() {
        return closed;
    }

    /// Who its client is at this moment.
    Principal who() {
        return premises.entrance().now(met);
    }

    // What comes.

    private void framed(WebSocketFrame frame) {
        heardNanos = System.nanoTime();
        if (!frame.isText() && !frame.isBinary() && !frame.isContinuation()) {
            return;
        }
        if (frame.isText() || frame.isBinary()) {
            out.setBinary(frame.isBinary());
        }
        Buffer part = frame.binaryData();
        premises.bodyBytes().addAndGet(part.length());
        message.appendBuffer(part);
        if (message.length() > premises.limits().bodyBytesMax()) {
            hangUp(
                    TOO_BIG,
                    "A message has at most %d bytes. Send less at once."
                            .formatted(premises.limits().bodyBytesMax()));
        } else if (message.length() > premises.limits().smallBodyBytesMax()
                && premises.bodyBytes().get() > premises.limits().bodiesBytesMax()) {
            hangUp(LATER, "Requests take all the memory that there is for them. Come again.");
        } else if (frame.isFinal()) {
            byte[] json = message.getBytes();
            message = Buffer.buffer();
            arrived(json);
        }
    }

    private void arrived(byte[] json) {
        if (json.length <= Call.INLINE_BYTES) {
            try {
                heard(Forms.ASK.read(json, premises.bounds()), json.length);
            } catch (MalformedException wrong) {
                unreadable(wrong, json);
            }
            return;
        }
        reading = true;
        flow();
        premises.scribe()
                .executeBlocking(() -> Forms.ASK.read(json, premises.bounds()), true)
                .onComplete(
                        read -> context.runOnContext(_ -> read(read.result(), read.cause(), json)));
    }

    private void read(@Nullable Ask ask, @Nullable Throwable wrong, byte[] json) {
        reading = false;
        if (ask != null) {
            heard(ask, json.length);
        } else if (wrong != null) {
            unreadable(wrong, json);
        }
        flow();
    }

    /// What says under which number it was asked is answered; all else ends the line.
    private void unreadable(Throwable wrong, byte[] json) {
        premises.bodyBytes().addAndGet(-json.length);
        if (!(wrong instanceof MalformedException)) {
            LOG.error("What came over a line could not be read by a bug", wrong);
            hangUp(MISTAKE, "This is a bug. The server's log has the details.");
            return;
        }
        long id = Forms.idIn(json, premises.bounds());
        if (id < 0) {
            hangUp(UNREADABLE, String.valueOf(wrong.getMessage()));
        } else {
            failed(id, wrong, 0);
        }
    }

    private void heard(Ask ask, int bytes) {
        boolean keeps = false;
        try {
            if (!closed) {
                keeps = ask(ask, bytes);
            }
        } catch (RuntimeException failure) {
            failed(idOf(ask), failure, 0);
        } finally {
            if (!keeps) {
                premises.bodyBytes().addAndGet(-bytes);
            }
        }
    }

    /// The number under which an answer is awaited; what has none is a session's.
    private static long idOf(Ask ask) {
        return switch (ask) {
            case Ask.Commits commits -> commits.id();
            case Ask.Take take -> take.id();
            case Ask.Subscribe subscribe -> subscribe.id();
            case Ask.Watch watch -> watch.id();
            case Ask.Read read -> read.id();
            case Ask.Next next -> next.id();
            case Ask.Find find -> find.id();
            case Ask.End end -> end.id();
            case Ask.Open open -> open.session();
            case Ask.Close close -> close.session();
            case Ask.Resize resize -> resize.session();
        };
    }

    // What is done.

    /// Does it.
    ///
    /// @return whether its bytes are held until it is answered
    private boolean ask(Ask ask, int bytes) {
        if (who() instanceof Principal.Nobody) {
            hangUp(NOT_ALLOWED, "This user is gone, or its password is another one now.");
            return false;
        }
        switch (ask) {
            case Ask.Open open -> open(open);
            case Ask.Close close -> close(close.session());
            case Ask.Commits commits -> {
                commit(commits, bytes);
                return true;
            }
            case Ask.Take take -> {
                LineSession session = session(take.session());
                LineAsk asked = begin(take.id(), () -> {});
                asked.attempt(() -> Taking.begin(premises, asked, session.open(), take.take()));
            }
            case Ask.Subscribe it -> {
                LineSession session = session(it.session());
                admit(it.id());
                works.put(it.id(), LineConsumer.begin(this, it.id(), session, it.consume()));
            }
            case Ask.Resize resize -> session(resize.session()).resize(resize.window());
            case Ask.Watch it -> {
                LineSession session = session(it.session());
                admit(it.id());
                works.put(it.id(), LineWatch.begin(this, it.id(), session, it.interest()));
            }
            case Ask.Read it -> {
                LineSession session = session(it.session());
                admit(it.id());
                works.put(it.id(), LineReader.begin(this, it.id(), session, it.from()));
            }
            case Ask.Next next -> {
                LineReader reader = reader(next.reader());
                LineAsk asked = begin(next.id(), () -> {});
                asked.attempt(() -> reader.next(asked, next.id(), next));
            }
            case Ask.Find find -> {
                LineAsk asked = begin(find.id(), () -> {});
                asked.attempt(() -> new Looking(premises, asked).run(find.query()));
            }
            case Ask.End end -> {
                LineWork work = works.get(end.id());
                if (work != null) {
                    work.cancel();
                }
            }
        }
        return false;
    }

    private void open(Ask.Open open) {
        if (sessions.containsKey(open.session())) {
            throw Trouble.MALFORMED.at(
                    "$.session",
                    "The session %d is open already. Give each its own number."
                            .formatted(open.session()));
        }
        if (sessions.size() >= SESSIONS_MAX) {
            throw Trouble.TOO_MANY.with(
                    "%d sessions of this line are open, and that is the limit. Close some."
                            .formatted(SESSIONS_MAX));
        }
        OpenSession opened = premises.sessions().open(open.spec(), who());
        opened.begin();
        LineSession session = new LineSession(opened, premises.limits().windowBytesMax());
        session.setStopped(out.isBehind());
        sessions.put(open.session(), session);
    }

    private void close(long number) {
        LineSession session = sessions.remove(number);
        if (session != null) {
            premises.sessions().end(session.open());
            new ArrayList<>(works.values())
                    .stream().filter(work -> work.endsWith(session)).forEach(LineWork::cancel);
        }
    }

    private LineSession session(long number) {
        LineSession session = sessions.get(number);
        if (session == null) {
            throw Trouble.NO_SUCH_SESSION.with(
                    ("There is no session %d on this line. Open it first, with"
                                    + " {\"ask\":\"open\",\"session\":%d,\"spec\":{\"name\":…}}.")
                            .formatted(number, number));
        }
        return session;
    }

    private LineReader reader(long number) {
        if (works.get(number) instanceof LineReader reader) {
            return reader;
        }
        throw Trouble.MALFORMED.at(
                "$.reader", "There is no reader %d on this line. Open it first.".formatted(number));
    }

    private void admit(long id) {
        if (works.containsKey(id)) {
            throw Trouble.MALFORMED.at(
                    "$.id", "The number %d is in use. Give each its own.".formatted(id));
        }
        if (works.size() >= premises.limits().lineWorkMax()) {
            throw Trouble.TOO_MANY.with(
                    ("%d takes, consumers, watches, readers and commits are under way on this line,"
                                    + " and that is the limit. Wait for some, or use another line.")
                            .formatted(premises.limits().lineWorkMax()));
        }
    }

    private LineAsk begin(long id, Runnable freed) {
        admit(id);
        LineAsk ask = new LineAsk(this, id, who(), freed);
        works.put(id, ask);
        return ask;
    }

    /// Each commit stands for itself, also where a right is missing: a client's callers share its
    /// line.
    private void commit(Ask.Commits asked, int bytes) {
        commitBytes += bytes;
        Runnable freed =
                () -> {
                    commitBytes -= bytes;
                    premises.bodyBytes().addAndGet(-bytes);
                    flow();
                };
        LineAsk ask;
        LineSession session;
        try {
            session = session(asked.session());
            ask = begin(asked.id(), freed);
        } catch (ProblemException refused) {
            freed.run();
            failed(asked.id(), refused, 0);
            return;
        }
        flow();
        ask.attempt(() -> commit(ask, asked, session));
    }

    private void commit(LineAsk ask, Ask.Commits asked, LineSession session) {
        List<@Nullable Receipt> receipts = new ArrayList<>();
        List<Commit> allowed = new ArrayList<>();
        long operations = 0;
        for (Commit commit : asked.commits()) {
            Receipt refused = Rights.refusal(commit, ask.principal());
            receipts.add(refused);
            operations += commit.operations().size();
            if (refused == null) {
                allowed.add(commit);
            }
        }
        for (Ask.Flaw flaw : asked.flaws()) {
            Refusal why = new Refusal.Invalid(flaw.what());
            receipts.add(flaw.at(), new Receipt.Refused(Instant.now(), 0, why));
        }
        long bytes = EFFECT_BYTES * (operations + receipts.size());
        if (allowed.isEmpty()) {
            ask.answer(new Told.Receipts(asked.id(), all(receipts, List.of())), bytes);
            return;
        }
        ask.when(
                session.session().commit(allowed),
                done -> ask.answer(new Told.Receipts(asked.id(), all(receipts, done)), bytes));
    }

    /// Those that were known before, and between them those of what was done.
    private static List<Receipt> all(List<@Nullable Receipt> known, List<Receipt> done) {
        Iterator<Receipt> next = done.iterator();
        return known.stream().map(receipt -> receipt == null ? next.next() : receipt).toList();
    }

    /// Something is over.
    void done(long id) {
        works.remove(id);
    }

    /// Something was not done, or cannot go on.
    ///
    /// @param held bytes of room that are held for its answer
    void failed(long id, Throwable failure, long held) {
        ProblemException told = ProblemException.of(failure, () -> ended(failure));
        if (told.trouble() == Trouble.BUG) {
            LOG.error("What was asked over a line failed by a bug", failure);
        }
        premises.answers().free(held);
        premises.answers().hold(PROBLEM_BYTES);
        out.tell(new Told.Failed(id, told.problem()), PROBLEM_BYTES, List.of());
    }

    /// A session that its client has not closed ends when the server stops.
    private static ProblemException ended(Throwable failure) {
        return Trouble.STORE_AWAY.with(
                "The server is stopping, and has not done this: " + failure.getMessage());
    }

    // How much comes.

    /// Takes what the client sends as fast as it is done, and no faster than it takes what it is
    /// told.
    private void flow() {
        if (closed) {
            return;
        }
        if (out.waitingBytes() > premises.limits().lineBytesMax()) {
            hangUp(NOT_ALLOWED, "Too much waits for this client, which does not take it.");
            return;
        }
        boolean isBehind = out.isBehind();
        sessions.values().forEach(session -> session.setStopped(isBehind));
        if (reading || isBehind || commitBytes > premises.limits().takeBytesMax()) {
            socket.pause();
        } else {
            socket.resume();
        }
    }

    private void ping() {
        long silence = TimeUnit.MILLISECONDS.toNanos(premises.limits().silenceMillis());
        if (System.nanoTime() - heardNanos > silence) {
            // Its other end is not there any more, so nobody would answer a farewell.
            socket.close(GOING_AWAY, "Nothing was heard for too long.");
            closed();
        } else {
            socket.writePing(Buffer.buffer());
        }
    }

    // Its end.

    /// The server stops.
    void goAway() {
        context.runOnContext(_ -> hangUp(GOING_AWAY, "The server is stopping."));
    }

    private void hangUp(short code, String why) {
        if (!closed) {
            String reason =
                    why.length() <= REASON_CHARS_MAX
                            ? why
                            : why.substring(0, REASON_CHARS_MAX - 1) + "…";
            socket.close(code, reason);
            closed();
        }
    }

    private void closed() {
        if (closed) {
            return;
        }
        closed = true;
        premises.lines().remove(this);
        context.owner().cancelTimer(pinger);
        premises.bodyBytes().addAndGet(-message.length());
        message = Buffer.buffer();
        out.close();
        new ArrayList<>(works.values()).forEach(LineWork::cancel);
        new ArrayList<>(sessions.keySet()).forEach(this::close);
    }
}
