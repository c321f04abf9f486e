package io.millstream.protocols.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.api.Backend;
import io.millstream.api.Commit;
import io.millstream.api.Receipt;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.room.Room;
import io.millstream.wire.Form;
import io.millstream.wire.Forms;
import io.millstream.wire.Opened;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// The seam over HTTP: capabilities, looks, sessions with commits and takes. A door has its router
/// answer it, [#addTo].
///
/// Made and closed on any thread; requests are handled on their event loops.
public final class HttpApi implements AutoCloseable {
    /// Where it is.
    public static final String ROOT = "/api/v1";

    private static final String PATH = "millstream.path";
    private static final HttpMethod GET = HttpMethod.GET;
    private static final HttpMethod POST = HttpMethod.POST;
    private static final String SESSIONS = "/sessions";
    private static final String SESSION = SESSIONS + "/:id";
    private static final Form<List<Commit>> COMMITS = Forms.COMMIT.list();
    private static final Form<List<Receipt>> RECEIPTS = Forms.RECEIPT.list();
    private static final int FRAME_BYTES_MAX = 1 << 20;
    private static final int EFFECT_BYTES = 128;
    private static final int SWEEPS_PER_SILENCE = 20;

    private final Vertx vertx;
    private final Premises premises;
    private final List<Extension> extensions;
    private final long sweeper;

    /// A closed one.
    ///
    /// @param vertx whose event loops serve it
    /// @param backend where everything is; stays open when this closes
    /// @param limits what it bears
    /// @param access whether everybody may come in
    /// @param entrance who finds out who asks
    public HttpApi(
            Vertx vertx, Backend backend, ApiLimits limits, Access access, Entrance entrance) {
        this(vertx, backend, limits, access, entrance, List.of());
    }

    /// A closed one with more than the seam.
    ///
    /// @param vertx whose event loops serve it
    /// @param backend where everything is; stays open when this closes
    /// @param limits what it bears
    /// @param access whether everybody may come in
    /// @param entrance who finds out who asks
    /// @param extensions what else there is below [#ROOT]; of two that a path fits, the first one
    ///   is asked
    public HttpApi(
            Vertx vertx,
            Backend backend,
            ApiLimits limits,
            Access access,
            Entrance entrance,
            List<Extension> extensions) {
        this.vertx = vertx;
        this.extensions = List.copyOf(extensions);
        this.premises =
                new Premises(
                        backend,
                        backend.session(SessionSpec.of("http")),
                        limits,
                        limits.bounds(),
                        access,
                        entrance,
                        new Sessions(backend, limits),
                        new Seal(),
                        vertx.createSharedWorkerExecutor("millstream-json", 1),
                        new AtomicInteger(),
                        new AtomicLong(),
                        new Room(limits.answersBytesMax()),
                        ConcurrentHashMap.newKeySet(),
                        ConcurrentHashMap.newKeySet());
        this.sweeper =
                vertx.setPeriodic(
                        Math.max(1, limits.silenceMillis() / SWEEPS_PER_SILENCE),
                        _ -> premises.sessions().sweep());
    }

    /// What a server needs to be told to have lines. Messages come in frames of up to a mebibyte.
    public static HttpServerOptions withLines(HttpServerOptions options) {
        return options.setMaxWebSocketFrameSize(FRAME_BYTES_MAX)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false);
    }

    /// Counts there.
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("millstream.api.sessions", premises.sessions(), Sessions::size)
                .description("Open sessions of the HTTP API.")
                .register(meters);
        Gauge.builder("millstream.api.lines", premises.lines(), Set::size)
                .description("Open lines of the HTTP API.")
                .register(meters);
        Gauge.builder("millstream.api.requests", premises.requests(), AtomicInteger::get)
                .description("Requests to the HTTP API that are under way.")
                .register(meters);
        Gauge.builder("millstream.api.works", premises.works(), Set::size)
                .description("Requests to jobs and the like that are worked on, or wait.")
                .register(meters);
        Gauge.builder("millstream.api.body.bytes", premises.bodyBytes(), AtomicLong::get)
                .description("Bytes of requests that the HTTP API holds.")
                .register(meters);
        Gauge.builder("millstream.api.answer.bytes", premises.answers(), Room::held)
                .description("Bytes of answers that the HTTP API holds.")
                .register(meters);
    }

    /// Has a router answer below [#ROOT], where it leaves paths that it does not know to others.
    public void addTo(Router router) {
        Map<String, TreeSet<String>> methods = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints()) {
            var route = router.route(ROOT + endpoint.path()).method(endpoint.method());
            TreeSet<String> allowed =
                    methods.computeIfAbsent(endpoint.path(), _ -> new TreeSet<>());
            allowed.add(endpoint.method().name());
            if (endpoint.method().equals(HttpMethod.GET)) {
                route.method(HttpMethod.HEAD);
                allowed.add(HttpMethod.HEAD.name());
            }
            route.handler(request -> {
                request.put(PATH, ROOT + endpoint.path());
                new Reception(premises, request, endpoint).begin();
            });
        }
        methods.forEach((path, allowed) ->
                router.route(ROOT + path)
                        .handler(request -> wrongMethod(request, String.join(", ", allowed))));
    }

    private List<Endpoint> endpoints() {
        int most = premises.limits().bodyBytesMax();
        int small = premises.limits().smallBodyBytesMax();
        Stream<Endpoint> seam =
                Stream.of(
                        Endpoint.of(GET, "/capabilities", false, 0, this::capabilities),
                        Endpoint.of(GET, "/socket", false, 0, this::line),
                        Endpoint.of(POST, "/find", false, most, this::find),
                        Endpoint.of(POST, SESSIONS, false, small, this::open),
                        Endpoint.of(HttpMethod.DELETE, SESSION, true, 0, this::end),
                        Endpoint.of(POST, SESSION + "/commits", true, most, this::commit),
                        Endpoint.of(POST, SESSION + "/takes", true, most, this::take));
        return Stream.concat(seam, extensions.stream().map(each -> Endpoint.of(each, premises)))
                .toList();
    }

    /// All that it answers, as `GET /api/v1/jobs/:id`: what a description of it has to describe.
    public List<String> described() {
        return endpoints().stream()
                .map(each -> each.method().name() + " " + ROOT + each.path())
                .toList();
    }

    private void wrongMethod(RoutingContext request, String allowed) {
        Call call = new Call(premises, request, Principal.NOBODY);
        request.response().putHeader("Allow", allowed);
        call.attempt(() -> {
            throw Trouble.WRONG_METHOD.with(
                    "This path does not take "
                            + request.request().method()
                            + ". It takes "
                            + allowed
                            + ".");
        });
    }

    private void capabilities(Call call) {
        call.answer(200, Forms.CAPABILITIES, premises.backend().capabilities(), 0);
    }

    private void find(Call call) {
        call.read(Forms.QUERY, query -> new Looking(premises, call).run(query));
    }

    private void open(Call call) {
        call.read(Forms.SESSION, spec -> open(call, spec));
    }

    private void open(Call call, SessionSpec spec) {
        OpenSession opened = premises.sessions().open(spec, call.principal());
        call.onUndelivered(() -> premises.sessions().end(opened));
        call.response().putHeader("Location", ROOT + SESSIONS + "/" + opened.id());
        Duration silence = Duration.ofMillis(premises.limits().silenceMillis());
        call.answer(201, Forms.OPENED, new Opened(opened.id(), silence), 0);
    }

    private void line(Call call) {
        call.upgrade(socket -> new Line(premises, socket, call.context(), call.principal()));
    }

    private void end(Call call) {
        premises.sessions().end(call.session());
        call.answer(204);
    }

    private void commit(Call call) {
        call.read(COMMITS, commits -> commit(call, commits));
    }

    /// No commits are no work for the backend, and keep the session.
    private void commit(Call call, List<Commit> commits) {
        Rights.demandAll(commits, call.principal());
        if (commits.isEmpty()) {
            call.answer(200, RECEIPTS, List.of(), 0);
            return;
        }
        long operations = commits.stream().mapToLong(each -> each.operations().size()).sum();
        call.when(
                call.session().session().commit(commits),
                receipts -> call.answer(200, RECEIPTS, receipts, EFFECT_BYTES * operations));
    }

    private void take(Call call) {
        call.read(Forms.TAKE, take -> take(call, take));
    }

    private void take(Call call, Take take) {
        Duration waitMax = Duration.ofMillis(premises.limits().waitMillisMax());
        if (take.maxWait().compareTo(waitMax) > 0) {
            throw Trouble.MALFORMED.at(
                    "$.max_wait_ms",
                    "$.max_wait_ms is more than %d. Wait at most as long, and take again."
                            .formatted(waitMax.toMillis()));
        }
        OpenSession session = call.session();
        if (!session.beginTake(premises.limits().takesPerSessionMax())) {
            throw Trouble.TOO_MANY.with(
                    ("%d takes of this session are under way, and that is the limit. Wait for "
                                    + "one of them, or open another session.")
                            .formatted(premises.limits().takesPerSessionMax()));
        }
        call.onOver(session::endTake);
        Taking.begin(premises, call, session, take);
    }

    /// The path of a request in which no name or id is shown: one of few, for who counts requests
    /// by it.
    public static String pathOf(RoutingContext request) {
        String known = request.get(PATH);
        return known == null ? pathOf(request.normalizedPath()) : known;
    }

    /// A path in which no session's id is shown.
    static String pathOf(String path) {
        String sessions = ROOT + SESSIONS + "/";
        if (!path.startsWith(sessions)) {
            return path;
        }
        int end = path.indexOf('/', sessions.length());
        return ROOT + SESSION + (end < 0 ? "" : path.substring(end));
    }

    /// How many sessions are open.
    int sessions() {
        return premises.sessions().size();
    }

    /// How many bytes are held for bodies and answers.
    long heldBytes() {
        return premises.bodyBytes().get() + premises.answers().held();
    }

    /// How many requests are under way.
    int requests() {
        return premises.requests().get();
    }

    /// Ends all sessions, so that takes that wait are answered, and opens no more; ends what waits
    /// in extensions. What is under way is still answered.
    public void stop() {
        vertx.cancelTimer(sweeper);
        premises.sessions().close();
        premises.lines().forEach(Line::goAway);
        premises.works().forEach(Thread::interrupt);
    }

    /// Stops, and takes nothing more back. Does not block; doing it again does nothing.
    @Override
    public void close() {
        stop();
        premises.own().close();
        premises.scribe().close();
    }
}
