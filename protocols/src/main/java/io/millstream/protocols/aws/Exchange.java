package io.millstream.protocols.aws;

import io.millstream.protocols.access.Principal;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;
import io.millstream.protocols.aws.wire.Wire;
import io.millstream.protocols.room.Room;
import io.millstream.protocols.web.ForeignPage;
import io.millstream.protocols.web.Outlet;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/// One request and its answer.
final class Exchange implements Caller {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private static final CharSequence TARGET = HttpHeaders.createOptimized("x-amz-target");
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-amzn-RequestId");
    private static final CharSequence QUERY_ERROR =
            HttpHeaders.createOptimized("x-amzn-query-error");
    private static final CharSequence CLOSE = HttpHeaders.createOptimized("close");
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String CHUNKED = "chunked";
    private static final String UNKNOWN = "";
    private static final byte[] NO_BYTES = {};
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME;
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,255}");

    private final DoorLoop loop;
    private final Doorway doorway;
    private final Visit visit;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String requestId;
    private final AnswerShare share;
    private final Gate gate;

    private Wire wire = Wire.QUERY;
    private Service service = Service.SQS;
    private String action = UNKNOWN;
    private long beganNanos = System.nanoTime();
    private @Nullable Buffer body;
    private int bodyBytes;
    private boolean grown;
    private boolean running;
    private boolean abandoned;
    private boolean answered;
    private @Nullable Outlet outlet;
    private @Nullable Runnable stop;
    private @Nullable Runnable undo;

    Exchange(DoorLoop loop, Doorway doorway, Visit visit, HttpServerRequest request) {
        this.loop = loop;
        this.doorway = doorway;
        this.visit = visit;
        this.request = request;
        this.response = request.response();
        this.share = new AnswerShare(doorway.answers);
        this.gate = new Gate(doorway.guard);
        this.requestId = new UUID(loop.random().nextLong(), loop.random().nextLong()).toString();
    }

    void begin() {
        visit.asking(this);
        String target = request.getHeader(TARGET);
        if (target != null || isJson()) {
            wire = Wire.JSON;
        }
        request.exceptionHandler(_ -> abandon());
        if (gate.isOpen() ? ForeignPage.asks(request) : ForeignPage.says(request)) {
            refuse(
                    AwsError.ACCESS_DENIED.fault(
                            "A page in a browser sent this request. SQS is not for pages of other"
                                    + " sites; programs send neither Origin nor Sec-Fetch-Site, and"
                                    + " POST."));
            return;
        }
        if (!isMethod(HttpMethod.POST) && !isMethod(HttpMethod.GET)) {
            refuse(AwsError.BAD_METHOD.fault(request.method() + " is not POST or GET."));
            return;
        }
        String coding = request.getHeader(HttpHeaders.TRANSFER_ENCODING);
        if (coding != null && !coding.strip().equalsIgnoreCase(CHUNKED)) {
            refuse(
                    AwsError.BAD_HTTP.fault(
                            "The Transfer-Encoding is " + coding + ". Send chunked, or none."));
            return;
        }
        if (CertificatePage.isAskedFor(request)) {
            answered = true;
            visit.answering(this);
            CertificatePage.send(request, doorway.services.signer())
                    .onComplete(_ -> visit.idle(this));
            return;
        }
        if (declaredBytes() > doorway.limits.bodyBytesMax()) {
            refuse(tooLarge());
            return;
        }
        try {
            gate.meet(request);
        } catch (FaultException e) {
            refuse(e.fault());
            return;
        }
        if (request.getHeader(HttpHeaders.EXPECT) != null) {
            response.writeContinue();
        }
        request.handler(this::collect);
        request.endHandler(_ -> arrived(target));
    }

    /// Answers bytes that are no HTTP, or more of its head than may be.
    void refuseGarbled() {
        visit.asking(this);
        Throwable cause = request.decoderResult().cause();
        boolean large =
                cause instanceof TooLongHttpHeaderException
                        || cause instanceof TooLongHttpLineException;
        refuse(
                large
                        ? AwsError.HEAD_TOO_LARGE.fault(
                                "The request line is longer than "
                                        + doorway.limits.requestLineBytesMax()
                                        + " bytes, or the headers than "
                                        + doorway.limits.headerBytesMax()
                                        + ".")
                        : AwsError.BAD_HTTP.fault("The request is not HTTP 1.1."));
    }

    private boolean isMethod(HttpMethod method) {
        return request.method().equals(method);
    }

    private boolean isJson() {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return isOf(Wire.JSON.contentType(), type);
    }

    /// Whether a Content-Type names this media type, with parameters or without.
    private static boolean isOf(String mediaType, @Nullable String type) {
        if (type == null) {
            return false;
        }
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().equalsIgnoreCase(mediaType);
    }

    private long declaredBytes() {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length.trim());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private Fault tooLarge() {
        return AwsError.TOO_LARGE.fault(
                "The request's body is larger than " + doorway.limits.bodyBytesMax() + " bytes.");
    }

    private void collect(Buffer chunk) {
        if (answered || abandoned) {
            return;
        }
        bodyBytes += chunk.length();
        long held = doorway.meters.bodyBytes.addAndGet(chunk.length());
        if (bodyBytes > doorway.limits.bodyBytesMax()) {
            refuse(tooLarge());
        } else if (bodyBytes > doorway.limits.smallBodyBytesMax()
                && held > doorway.limits.bodiesBytesMax()) {
            refuse(
                    AwsError.UNAVAILABLE.fault(
                            "Requests of "
                                    + held
                                    + " bytes are being worked on, and the limit is "
                                    + doorway.limits.bodiesBytesMax()
                                    + ". Send it again later, or at most "
                                    + doorway.limits.smallBodyBytesMax()
                                    + " bytes, which are always taken."));
        } else if (body == null) {
            body = chunk;
        } else {
            // The first chunk is the server's; most requests have no second.
            body = (grown ? body : grow(body)).appendBuffer(chunk);
        }
    }

    private Buffer grow(Buffer first) {
        grown = true;
        return Buffer.buffer(first.length() * 2).appendBuffer(first);
    }

    private void arrived(@Nullable String target) {
        if (answered || abandoned) {
            return;
        }
        running = true;
        visit.waiting(this);
        beganNanos = System.nanoTime();
        try {
            byte[] bytes = body == null ? NO_BYTES : body.getBytes();
            service = wire == Wire.JSON ? Service.SQS : Service.of(request, bytes);
            gate.admit(request, service.word(), bytes);
            Input input = read(target, bytes);
            body = null;
            action = input.action();
            loop.run(service, input, this).whenComplete(this::done);
        } catch (RuntimeException e) {
            // Whatever goes wrong, the client gets an answer and the loop goes on.
            answer(fault(e));
        }
    }

    private Input read(@Nullable String target, byte[] bytes) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (wire == Wire.JSON) {
            return Wire.json(jsonAction(target, type), bytes);
        }
        String path = Objects.requireNonNullElse(request.path(), "");
        String query = Objects.requireNonNullElse(request.query(), "");
        if (isMethod(HttpMethod.POST) && bytes.length > 0) {
            if (!isOf(FORM, type)) {
                throw AwsError.MALFORMED_QUERY.with(
                        "The Content-Type is "
                                + type
                                + ". Send "
                                + Wire.JSON.contentType()
                                + " or "
                                + FORM
                                + ".");
            }
            // Parameters may stand in both places; one that stands in both is refused.
            return Wire.query(
                    service.dialect(), path, query.isEmpty() ? bytes : joined(query, bytes));
        }
        return Wire.query(service.dialect(), path, query.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] joined(String query, byte[] form) {
        return Buffer.buffer(query).appendByte((byte) '&').appendBytes(form).getBytes();
    }

    private String jsonAction(@Nullable String target, @Nullable String type) {
        String prefix = service.dialect().target() + '.';
        if (target == null || !target.startsWith(prefix)) {
            throw AwsError.INVALID_ACTION.with(
                    "The header X-Amz-Target is "
                            + target
                            + ". It should be "
                            + prefix
                            + " and an action.");
        }
        action = target.substring(prefix.length());
        if (!isJson() || !isMethod(HttpMethod.POST)) {
            throw AwsError.MALFORMED.with(
                    "It is a "
                            + request.method()
                            + " with the Content-Type "
                            + type
                            + ". POST it as "
                            + Wire.JSON.contentType()
                            + ".");
        }
        return action;
    }

    private void done(@Nullable Tree result, @Nullable Throwable failure) {
        stop = null;
        try {
            if (failure != null) {
                answer(fault(failure));
            } else if (result != null) {
                answer(result);
            }
        } catch (RuntimeException e) {
            // The stage would swallow it, and the client would wait for ever.
            LOG.error("Request {} ({}) could not be answered.", requestId, action, e);
            share.release();
            visit.hangUp();
        }
    }

    private void answer(Tree result) {
        byte[] bytes;
        try {
            bytes = wire.answer(service.dialect(), action, requestId, result);
        } catch (RuntimeException e) {
            answer(fault(e));
            undo();
            return;
        }
        doorway.meters.answered(action, DoorMeters.DONE, beganNanos);
        write(200, bytes, false);
    }

    private Fault fault(Throwable failure) {
        Fault fault = FaultException.in(failure);
        if (fault != null) {
            return fault;
        }
        Throwable cause = FaultException.cause(failure);
        if (!FaultException.isOfStore(cause)) {
            LOG.error("Request {} ({}) failed by a bug in Millstream.", requestId, action, cause);
        }
        return AwsError.INTERNAL.fault(
                "The server failed before it knew the end of this request, which may have been done"
                        + " or not. Its number is "
                        + requestId
                        + ".");
    }

    private void answer(Fault fault) {
        head(fault);
        write(wire.status(fault), wire.fault(service.dialect(), requestId, fault), false);
    }

    /// Answers a request that will not be read to its end.
    private void refuse(Fault fault) {
        head(fault);
        write(wire.status(fault), wire.fault(service.dialect(), requestId, fault), true);
    }

    private void head(Fault fault) {
        doorway.meters.answered(action, fault.code(), beganNanos);
        // Clients whose clocks are wrong set them by it.
        response.putHeader(HttpHeaders.DATE, HTTP_DATE.format(gate.now().atOffset(ZoneOffset.UTC)));
        if (wire == Wire.JSON) {
            response.putHeader(QUERY_ERROR, fault.code() + ';' + fault.blame());
        }
    }

    private void write(int status, byte[] bytes, boolean last) {
        answered = true;
        releaseBody();
        if (abandoned) {
            share.release();
            undo();
            return;
        }
        share.resize(bytes.length);
        visit.answering(this);
        response.setStatusCode(status)
                .putHeader(REQUEST_ID, requestId)
                .putHeader(HttpHeaders.CONTENT_TYPE, wire.contentType());
        if (last || loop.isClosing()) {
            response.putHeader(HttpHeaders.CONNECTION, CLOSE);
        }
        Outlet out = new Outlet(response, bytes);
        outlet = out;
        out.send()
                .onComplete(written -> {
                    share.release();
                    if (written.failed()) {
                        undo();
                    }
                    if (last) {
                        visit.lingering(this);
                    } else {
                        visit.idle(this);
                    }
                });
    }

    private void releaseBody() {
        body = null;
        doorway.meters.bodyBytes.addAndGet(-bodyBytes);
        bodyBytes = 0;
    }

    /// Whether the request is not there as a whole.
    boolean isArriving() {
        return !running && !answered;
    }

    /// The server closes: what waits for a message gets an empty answer.
    void cancel() {
        Runnable running = stop;
        stop = null;
        if (running != null) {
            running.run();
        }
    }

    /// The client has left. Nothing is written any more.
    void abandon() {
        if (!abandoned) {
            abandoned = true;
            if (!answered && !running) {
                releaseBody();
            }
            if (outlet != null) {
                outlet.abandon();
            }
            cancel();
        }
    }

    private void undo() {
        Runnable action = undo;
        undo = null;
        if (action != null) {
            action.run();
        }
    }

    @Override
    public String origin() {
        String host = request.getHeader(HttpHeaders.HOST);
        boolean usable = host != null && HOST.matcher(host).matches();
        return request.scheme() + "://" + (usable ? host : doorway.host + ':' + doorway.port());
    }

    @Override
    public String region() {
        String region = gate.region();
        return region != null
                ? region
                : Signature.region(request.getHeader(HttpHeaders.AUTHORIZATION));
    }

    @Override
    public Principal principal() {
        return gate.principal();
    }

    @Override
    public boolean isSigned() {
        return Link.isSigned(request);
    }

    @Override
    public boolean hurried() {
        return abandoned || loop.isClosing();
    }

    @Override
    public void onCancel(Runnable stop) {
        this.stop = stop;
        if (hurried()) {
            cancel();
        }
    }

    @Override
    public void onUndelivered(Runnable undo) {
        this.undo = undo;
    }

    @Override
    public boolean takeRoom(long messageBytes) {
        return share.take(wire.answerBytesMax(messageBytes));
    }

    @Override
    public CompletionStage<Boolean> awaitRoom(long messageBytes, Duration maxWait) {
        share.release();
        long bytes = wire.answerBytesMax(messageBytes);
        return awaitTurn(doorway.answers, bytes, maxWait)
                .thenApply(found -> {
                    share.takeOver(found ? bytes : 0);
                    return found;
                });
    }

    @Override
    public CompletionStage<Boolean> awaitTurn(Room room, long bytes, Duration maxWait) {
        Turn turn = new Turn(room, bytes, loop, maxWait);
        onCancel(turn::cancel);
        return turn.stage();
    }

    @Override
    public void leaveRoom() {
        share.release();
    }
}
