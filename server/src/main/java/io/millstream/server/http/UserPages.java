package io.millstream.server.http;

import io.millstream.api.MillstreamException;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.web.ForeignPage;
import io.millstream.server.users.Roster;
import io.millstream.server.users.RosterException;
import io.millstream.server.users.UserChange;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.util.Map;

/// `/api/v1/users`: lists users and changes them, for who may manage everything, or for who asks
/// from this machine while there are none.
final class UserPages {
    static final String PATH = "/api/v1/users";
    static final int BODY_BYTES_MAX = 64 << 10;
    private static final String NEEDS = "manage:*, which administrators have.";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Roster roster;
    private final Access access;
    private final Doorman doorman;
    private final Answers answers;

    /// How a page is answered.
    interface Answers extends Problems {
        void json(RoutingContext request, int status, Object body);
    }

    /// Something that blocks, and what it gives to be shown: null for nothing.
    private interface Task {
        @Nullable Object run();
    }

    UserPages(Roster roster, Access access, Doorman doorman, Answers answers) {
        this.roster = roster;
        this.access = access;
        this.doorman = doorman;
        this.answers = answers;
    }

    void addTo(Router router) {
        BodyHandler body = BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX);
        route(router, HttpMethod.GET, "", this::list);
        router.route(HttpMethod.PUT, PATH + "/:name").handler(only(body));
        // Asked again once the body is there: who may can have changed while it was on its way.
        route(router, HttpMethod.PUT, "/:name", this::put);
        route(router, HttpMethod.DELETE, "/:name", this::remove);
        route(router, HttpMethod.POST, "/:name/keys", this::addKey);
        route(router, HttpMethod.DELETE, "/:name/keys/:id", this::removeKey);
    }

    private void route(
            Router router, HttpMethod method, String path, Handler<RoutingContext> handler) {
        router.route(method, PATH + path).handler(only(handler));
    }

    private Handler<RoutingContext> only(Handler<RoutingContext> handler) {
        Handler<RoutingContext> asked =
                doorman.only(
                        NEEDS, UserPages::isAdministrator, (request, _) -> handler.handle(request));
        return request -> {
            boolean open = access.isOpen();
            boolean foreign =
                    open
                            ? ForeignPage.asks(request.request())
                            : ForeignPage.says(request.request());
            if (foreign) {
                answers.answer(request, 403, "Users are not for pages. Use: millstream users");
            } else if (open && !doorman.isLocal(request.request())) {
                answers.answer(
                        request,
                        403,
                        "There are no users yet, and the first is added from the server's own"
                                + " machine: millstream users add NAME --admin --password");
            } else {
                asked.handle(request);
            }
        };
    }

    private static boolean isAdministrator(Principal who) {
        return who.mayEverywhere(Verb.MANAGE);
    }

    private void list(RoutingContext request) {
        run(request, 200, () -> Map.of("users", roster.list()));
    }

    private void put(RoutingContext request) {
        @Nullable UserChange change;
        try {
            Buffer body = request.body().buffer();
            change = JSON.readValue(body == null ? "{}" : body.toString(), UserChange.class);
        } catch (JacksonException e) {
            unreadable(request, e.getOriginalMessage());
            return;
        }
        if (change == null) {
            unreadable(request, "it is null.");
            return;
        }
        boolean mustBeNew = "*".equals(request.request().getHeader("If-None-Match"));
        run(
                request,
                204,
                () -> {
                    roster.put(name(request), change, mustBeNew);
                    return null;
                });
    }

    private void unreadable(RoutingContext request, String why) {
        answers.answer(
                request,
                400,
                "The body is not JSON with grants, a list such as [\"read:orders*\"], and"
                        + " password, or one of them: "
                        + why);
    }

    private void remove(RoutingContext request) {
        run(
                request,
                204,
                () -> {
                    roster.remove(name(request));
                    return null;
                });
    }

    private void addKey(RoutingContext request) {
        run(request, 201, () -> roster.addKey(name(request)));
    }

    private void removeKey(RoutingContext request) {
        run(
                request,
                204,
                () -> {
                    roster.removeKey(name(request), String.valueOf(request.pathParam("id")));
                    return null;
                });
    }

    private static String name(RoutingContext request) {
        return String.valueOf(request.pathParam("name"));
    }

    /// On a thread that may be blocked, with the answer on the request's own.
    private void run(RoutingContext request, int status, Task task) {
        Context context = request.vertx().getOrCreateContext();
        Thread.ofVirtual()
                .name("users")
                .start(() -> {
                    try {
                        Object shown = task.run();
                        context.runOnContext(_ -> show(request, status, shown));
                    } catch (RosterException e) {
                        context.runOnContext(_ ->
                                answers.answer(
                                        request,
                                        e.reason().status(),
                                        String.valueOf(e.getMessage())));
                    } catch (MillstreamException e) {
                        // The store is short of something, or has stopped.
                        context.runOnContext(
                                _ -> answers.answer(request, 503, String.valueOf(e.getMessage())));
                    } catch (RuntimeException e) {
                        context.runOnContext(_ -> request.fail(e));
                    }
                });
    }

    private void show(RoutingContext request, int status, @Nullable Object shown) {
        if (shown == null) {
            request.response().setStatusCode(status).end();
        } else {
            answers.json(request, status, shown);
        }
    }
}
