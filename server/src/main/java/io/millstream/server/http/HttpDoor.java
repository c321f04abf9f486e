package io.millstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.http.HttpApi;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.millstream.server.jobs.JobApi;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// Answers `GET /` with a page that lives, `/health`, `/health/live`, `/health/ready` and
/// `/metrics`, and `POST /backup`; changes users at `/api/v1/users`, and has the seam for programs
/// below `/api/v1`. Health is told to everybody, all else to users only, once there are any.
///
/// All of it but the sending of a backup runs on the event loop and waits for the store without
/// blocking.
public final class HttpDoor {
    /// How many may be connected at once; a further one is hung up on.
    public static final int CONNECTIONS_MAX = 200;

    private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);
    private static final long ANSWER_SECONDS_MAX = 2;
    private static final int URL_BYTES_MAX = 2_048;
    private static final int IDLE_SECONDS_MAX = 60;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String LOOKING = "read on some queue.";

    /// What a page may do: its own style and script, and ask this server.
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Vertx vertx;
    private final Site site;
    private final Guard guard;
    private final Doorman doorman;
    private final QueueMetrics queues = new QueueMetrics();
    private final TopicMetrics topics = new TopicMetrics();
    private final HttpServer server;
    private final StatusLooks looks;
    private final AtomicInteger connections = new AtomicInteger();
    private final JobApi jobs;
    private final HttpApi api;

    /// A closed door.
    ///
    /// @param limits what the API bears
    public HttpDoor(Vertx vertx, Site site, Guard guard, ApiLimits limits) {
        this(vertx, site, guard, limits, Doorman::isFromLoopback);
    }

    /// A closed door that knows by other means who is on this machine.
    HttpDoor(
            Vertx vertx,
            Site site,
            Guard guard,
            ApiLimits limits,
            Predicate<HttpServerRequest> isLocal) {
        this.vertx = vertx;
        this.site = site;
        this.guard = guard;
        this.doorman = new Doorman(guard, this::problem, isLocal);
        this.jobs = JobApi.over(site.backend(), site.index());
        this.looks = new StatusLooks(vertx, site, jobs.jobs());
        this.api =
                new HttpApi(
                        vertx, site.backend(), limits, guard.access(), doorman, jobs.endpoints());
        this.server = vertx.createHttpServer(options(guard));
    }

    /// Opens it. Blocks until it takes connections.
    ///
    /// @param port where to listen, or 0 for any free port
    /// @return the port
    /// @throws CompletionException if it cannot listen there, with the reason
    public int start(String host, int port) {
        SocketAddress address = SocketAddress.inetSocketAddress(port, host);
        server.connectionHandler(this::arrived)
                .requestHandler(routes())
                .listen(address)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        return server.actualPort();
    }

    /// Has an open door that encrypts do so with another certificate, from the next connection on.
    /// Blocks until it does.
    ///
    /// @throws CompletionException if it cannot; it goes on with the one that it has
    public void renew(Tls tls) {
        tls.renew(server).toCompletionStage().toCompletableFuture().join();
    }

    /// Takes no more connections, and blocks until what is in flight is answered or `grace` is
    /// over.
    public void close(Duration grace) {
        doorman.close();
        api.stop();
        server.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        api.close();
        jobs.close();
    }

    private static HttpServerOptions options(Guard guard) {
        HttpServerOptions options = HttpApi.withLines(new HttpServerOptions());
        guard.tls().ifPresent(tls -> tls.applyTo(options));
        return options.setMaxInitialLineLength(URL_BYTES_MAX)
                // With it, a connection that says nothing is not told of, and could not be counted.
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS_MAX);
    }

    /// Connections use up the files that the process may open, which the store needs too.
    private void arrived(HttpConnection connection) {
        if (connections.incrementAndGet() > CONNECTIONS_MAX) {
            connections.decrementAndGet();
            connection.close();
        } else {
            connection.closeHandler(_ -> connections.decrementAndGet());
        }
    }

    private Router routes() {
        site.registry().getPrometheusRegistry().register(queues);
        site.registry().getPrometheusRegistry().register(topics);
        Router router = Router.router(vertx);
        router.route().handler(this::measured);
        get(router, "/", doorman.only(LOOKING, HttpDoor::mayLook, this::status));
        get(router, "/health", this::ready);
        get(router, "/health/live", this::live);
        get(router, "/health/ready", this::ready);
        get(router, StatusPage.SCRIPT_PATH, HttpDoor::script);
        get(
                router,
                "/metrics",
                doorman.only(LOOKING, HttpDoor::mayLook, (request, _) -> metrics(request)));
        BackupPage backup = new BackupPage(site.backups(), this::problem);
        router.route("/backup")
                .method(HttpMethod.POST)
                .handler(
                        doorman.only(
                                "manage:*, since a backup is everything.",
                                who -> who.mayEverywhere(Verb.MANAGE),
                                (request, _) -> backup.serve(request)));
        new UserPages(site.roster(), guard.access(), doorman, new Pages()).addTo(router);
        api.bindTo(site.registry());
        api.addTo(router);
        router.errorHandler(400, this::unreadable);
        router.errorHandler(404, this::notFound);
        router.errorHandler(405, this::notAllowed);
        router.errorHandler(413, this::tooLarge);
        router.errorHandler(500, this::broken);
        return router;
    }

    private static boolean mayLook(Principal who) {
        return who.maySomewhere(Verb.READ);
    }

    /// The answers that pages of other classes give.
    private final class Pages implements UserPages.Answers {
        @Override
        public void answer(RoutingContext request, int status, String detail) {
            problem(request, status, detail);
        }

        @Override
        public void json(RoutingContext request, int status, Object body) {
            HttpDoor.this.json(request, status, body);
        }
    }

    private static void get(Router router, String path, Handler<RoutingContext> handler) {
        router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(handler);
    }

    private void measured(RoutingContext request) {
        Timer.Sample sample = Timer.start(site.registry());
        MeterRegistry registry = site.registry();
        request.addEndHandler(ended -> {
            // The path is a label only where it is one of ours: anybody can ask for anything.
            int status = request.response().getStatusCode();
            boolean ours = status != 404 && status != 400;
            String path = ours ? pathOf(request) : "unknown";
            sample.stop(
                    Timer.builder("millstream.http.requests")
                            .description("Requests at the HTTP door.")
                            .tag("path", path)
                            .tag("status", Integer.toString(status))
                            .register(registry));
        });
        request.next();
    }

    /// Names are no labels either.
    private static String pathOf(RoutingContext request) {
        String path = request.normalizedPath();
        return path.startsWith(UserPages.PATH) ? UserPages.PATH : HttpApi.pathOf(request);
    }

    private void status(RoutingContext request, Principal who) {
        boolean html = wantsHtml(request);
        request.response().putHeader("Vary", "Accept");
        if (html) {
            looks.page(who.mayEverywhere(Verb.READ))
                    .onSuccess(page -> answer(request, 200, "text/html; charset=utf-8", page))
                    .onFailure(fault -> storeDoesNotAnswer(request, fault));
        } else {
            looks.status()
                    .onSuccess(status -> json(request, 200, status))
                    .onFailure(fault -> storeDoesNotAnswer(request, fault));
        }
    }

    private static void script(RoutingContext request) {
        answer(request, 200, "text/javascript; charset=utf-8", StatusPage.SCRIPT);
    }

    /// A browser names HTML first; everything else, and whoever accepts anything, gets JSON.
    private static boolean wantsHtml(RoutingContext request) {
        for (MIMEHeader accepted : request.parsedHeaders().accept()) {
            switch (accepted.component() + "/" + accepted.subComponent()) {
                case "text/html" -> {
                    return true;
                }
                case "application/json", "application/*", "*/*" -> {
                    return false;
                }
                default -> {}
            }
        }
        return false;
    }

    private void live(RoutingContext request) {
        Phase phase = site.phase().get();
        json(request, phase == Phase.FAILED ? 503 : 200, Map.of("status", lower(phase)));
    }

    /// Ready is who has all doors open and a store that answers: the question goes through its loop
    /// and its log.
    private void ready(RoutingContext request) {
        Phase phase = site.phase().get();
        if (phase != Phase.READY) {
            json(request, 503, Map.of("status", lower(phase)));
            return;
        }
        var question = new Query.QueueNamed(ChannelName.of("health"));
        Future.fromCompletionStage(site.backend().find(question), vertx.getOrCreateContext())
                .timeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                .onSuccess(_ -> json(request, 200, Map.of("status", lower(phase))))
                .onFailure(fault -> storeDoesNotAnswer(request, fault));
    }

    private void metrics(RoutingContext request) {
        look()
                // The other series are worth the most when the store does not answer.
                .recover(fault -> Future.succeededFuture(Look.EMPTY))
                .onSuccess(look -> {
                    queues.show(look.queues());
                    topics.show(look.topics());
                    answer(request, 200, PROMETHEUS, site.registry().scrape());
                })
                .onFailure(request::fail);
    }

    private Future<Look> look() {
        return Future.fromCompletionStage(Look.at(site.backend()), vertx.getOrCreateContext())
                .timeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private void storeDoesNotAnswer(RoutingContext request, Throwable fault) {
        problem(request, 503, "The store does not answer: " + fault.getMessage());
    }

    /// A path that cannot be decoded fails before it is known, so nothing here may ask for it.
    private void unreadable(RoutingContext request) {
        problem(request, 400, "This path cannot be read. Look at /, /health or /metrics.");
    }

    private void notFound(RoutingContext request) {
        problem(
                request,
                404,
                "There is nothing at this path. Look at /, /health or /metrics; the API is at"
                        + " /api/v1/capabilities, find and sessions.");
    }

    private void notAllowed(RoutingContext request) {
        boolean isBackup = request.normalizedPath().equals("/backup");
        boolean isUsers = request.normalizedPath().startsWith(UserPages.PATH);
        String others = isUsers ? "GET, PUT, POST, DELETE" : "GET, HEAD";
        request.response().putHeader("Allow", isBackup ? "POST" : others);
        problem(
                request,
                405,
                isBackup
                        ? "A backup is begun with POST. Use: millstream backup"
                        : "This path does not take " + request.request().method() + ".");
    }

    private void tooLarge(RoutingContext request) {
        problem(
                request,
                413,
                "The body is larger than " + UserPages.BODY_BYTES_MAX + " bytes. Send less.");
    }

    private void broken(RoutingContext request) {
        LOG.error("Request for {} failed", request.normalizedPath(), request.failure());
        problem(request, 500, "This is a bug. The server's log has the details.");
    }

    private void problem(RoutingContext request, int status, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", HttpResponseStatus.valueOf(status).reasonPhrase());
        problem.put("status", status);
        problem.put("detail", detail);
        answer(request, status, "application/problem+json", JSON.writeValueAsString(problem));
    }

    private void json(RoutingContext request, int status, Object body) {
        answer(request, status, "application/json", JSON.writeValueAsString(body) + "\n");
    }

    private static void answer(RoutingContext request, int status, String type, String body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", POLICY);
        if (request.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader("Content-Length", Integer.toString(body.getBytes(UTF_8).length));
            response.end();
        } else {
            response.end(body);
        }
    }

    private static String lower(Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }
}
