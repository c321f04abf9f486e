package io.millstream.protocols.http;

import io.millstream.protocols.access.Principal;
import io.millstream.protocols.web.ForeignPage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// One request on its way in: what it says of itself, who sends it, its session, its body. Then its
/// sender is asked again who it is, since that may have changed while the body was on its way.
final class Reception {
    private static final String JSON = "application/json";
    private static final String EVENTS = "text/event-stream";
    private static final long NO_TIMER = -1;

    private final Premises premises;
    private final RoutingContext request;
    private final Endpoint endpoint;
    private final Call call;
    private List<Buffer> chunks = new ArrayList<>();
    private int bytes;
    private boolean complete;
    private boolean isOver;
    private long timer = NO_TIMER;

    Reception(Premises premises, RoutingContext request, Endpoint endpoint) {
        this.premises = premises;
        this.request = request;
        this.endpoint = endpoint;
        this.call = new Call(premises, request, Principal.NOBODY);
        this.call.onEnd(this::over);
    }

    void begin() {
        int underWay = premises.requests().incrementAndGet();
        request.addEndHandler(_ -> over());
        call.attempt(() -> {
            if (underWay > premises.limits().requestsMax()) {
                throw Trouble.NO_ROOM.with(
                        "%d requests are under way, and that is the limit. Ask again in a moment."
                                .formatted(premises.limits().requestsMax()));
            }
            check(request.request());
            premises.entrance().meet(request, who -> call.attempt(() -> met(who)));
        });
    }

    private void check(HttpServerRequest asked) {
        boolean checksHost = premises.access().isOpen() && !endpoint.byAnyHost();
        boolean foreign = checksHost ? ForeignPage.asks(asked) : ForeignPage.says(asked);
        if (foreign) {
            throw Trouble.FOREIGN_PAGE.with(
                    "A page in a browser sent this request. Programs send neither Origin nor"
                            + " Sec-Fetch-Site.");
        }
        if (!acceptsAnswer()) {
            throw Trouble.NOT_ACCEPTABLE.with(
                    "The header Accept is "
                            + cut(asked.getHeader(HttpHeaders.ACCEPT))
                            + ". Answers are "
                            + type()
                            + ": name it, or leave the header out.");
        }
        if (!endpoint.hasBody()) {
            return;
        }
        String type = asked.getHeader(HttpHeaders.CONTENT_TYPE);
        if (!isJson(type)) {
            throw Trouble.WRONG_TYPE.with(
                    "The Content-Type is " + cut(type) + ". Send the body as " + JSON + ".");
        }
        if (declaredBytes(asked) > endpoint.bodyBytesMax()) {
            throw tooLarge();
        }
    }

    private String type() {
        return endpoint.shows() == Extension.Shows.EVENTS ? EVENTS : JSON;
    }

    private boolean acceptsAnswer() {
        List<MIMEHeader> accepted = request.parsedHeaders().accept();
        if (accepted.isEmpty()) {
            return true;
        }
        String type = type();
        List<String> ranges = List.of(type, type.substring(0, type.indexOf('/')) + "/*", "*/*");
        return accepted.stream()
                .anyMatch(one ->
                        one.weight() > 0
                                && ranges.contains(one.component() + "/" + one.subComponent()));
    }

    private static boolean isJson(@Nullable String type) {
        if (type == null) {
            return false;
        }
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().equalsIgnoreCase(JSON);
    }

    private static String cut(@Nullable String header) {
        if (header == null) {
            return "missing";
        }
        return header.length() <= 100 ? header : header.substring(0, 100) + "…";
    }

    private static long declaredBytes(HttpServerRequest asked) {
        String length = asked.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private ProblemException tooLarge() {
        return Trouble.TOO_LARGE.with(
                "The body is larger than %d bytes. Send less at once."
                        .formatted(endpoint.bodyBytesMax()));
    }

    private void met(Principal who) {
        if (call.isOver()) {
            return;
        }
        call.meetsAgain(who);
        if (endpoint.inSession()) {
            call.beginInSession();
        }
        HttpServerRequest asked = request.request();
        if (!endpoint.hasBody()) {
            if (!asked.isEnded()) {
                asked.resume();
            }
            endpoint.handling().run(call);
            return;
        }
        if (asked.getHeader(HttpHeaders.EXPECT) != null) {
            request.response().writeContinue();
        }
        timer = request.vertx().setTimer(premises.limits().requestMillis(), _ -> late());
        asked.exceptionHandler(_ -> {});
        asked.handler(chunk -> call.attempt(() -> collect(chunk)));
        asked.endHandler(_ -> call.attempt(this::arrived));
        asked.resume();
    }

    private void collect(Buffer chunk) {
        if (call.isOver()) {
            return;
        }
        bytes += chunk.length();
        long all = premises.bodyBytes().addAndGet(chunk.length());
        if (bytes > endpoint.bodyBytesMax()) {
            chunks = List.of();
            throw tooLarge();
        }
        if (bytes > premises.limits().smallBodyBytesMax()
                && all > premises.limits().bodiesBytesMax()) {
            chunks = List.of();
            throw Trouble.NO_ROOM.with(
                    ("Requests of %d bytes are being worked on, and the limit is %d. Send it again"
                                    + " in a moment, or at most %d bytes, which are always taken.")
                            .formatted(
                                    all,
                                    premises.limits().bodiesBytesMax(),
                                    premises.limits().smallBodyBytesMax()));
        }
        chunks.add(chunk);
    }

    private void arrived() {
        request.vertx().cancelTimer(timer);
        complete = true;
        if (call.isOver()) {
            return;
        }
        call.arrived(joined());
        premises.entrance().meet(request, who -> call.attempt(() -> run(who)));
    }

    private void run(Principal who) {
        if (call.isOver()) {
            return;
        }
        call.meetsAgain(who);
        if (endpoint.inSession()) {
            call.beginInSession();
        }
        endpoint.handling().run(call);
    }

    private byte[] joined() {
        byte[] all = new byte[bytes];
        int at = 0;
        for (Buffer chunk : chunks) {
            chunk.getBytes(all, at);
            at += chunk.length();
        }
        chunks = List.of();
        return all;
    }

    /// Who was answered and goes on sending is hung up on.
    private void late() {
        if (complete) {
            return;
        }
        if (call.isOver()) {
            request.request().connection().close();
        } else {
            call.attempt(() -> {
                throw Trouble.TOO_SLOW.with(
                        "The body did not arrive within %d ms. Send it faster, or less at once."
                                .formatted(premises.limits().requestMillis()));
            });
        }
    }

    private void over() {
        if (isOver) {
            return;
        }
        isOver = true;
        premises.requests().decrementAndGet();
        premises.bodyBytes().addAndGet(-bytes);
        bytes = 0;
        chunks = List.of();
        call.over();
    }
}
