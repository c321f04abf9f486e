package io.millstream.jobs;

import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.Callable;

/// The trace that a job is part of (W3C Trace Context, level 1): from whoever submits it, in
/// [Message#trace] and the header `tracestate`, to its handler, and from there to what that
/// submits.
///
/// Each attempt is a span of the program's own OpenTelemetry, if it has set one up
/// ([GlobalOpenTelemetry]). If it has not, the trace is handed on all the same.
final class Trace implements AutoCloseable {
    private static final String NAME = "io.millstream.jobs";

    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";

    private static final TextMapSetter<Message.Builder> SETTER =
            (message, name, value) -> {
                if (message != null && name.equals(PARENT)) {
                    message.trace(value);
                } else if (message != null) {
                    message.header(Header.text(name, value));
                }
            };

    private final Span span;

    private Trace(Span span) {
        this.span = span;
    }

    private static TextMapPropagator form() {
        return W3CTraceContextPropagator.getInstance();
    }

    /// A job that is part of the trace that the calling thread is in, if it is in one.
    static Message continued(Message message) {
        Context now = Context.current();
        if (!Span.fromContext(now).getSpanContext().isValid()) {
            return message;
        }
        Message.Builder continued = message.with();
        form().inject(now, continued, SETTER);
        return continued.build();
    }

    /// One attempt of a job, until this is closed.
    static Trace of(Lease lease, String id) {
        Message message = lease.message();
        String queue = lease.handle().queue().name();
        Context before = form().extract(Context.root(), message, new Headers());
        String type = message.type();
        Span span =
                GlobalOpenTelemetry.getOrNoop()
                        .getTracer(NAME)
                        .spanBuilder("process " + (type == null ? queue : type))
                        .setParent(before)
                        .setSpanKind(SpanKind.CONSUMER)
                        .setAttribute("messaging.system", "millstream")
                        .setAttribute("messaging.operation.type", "process")
                        .setAttribute("messaging.destination.name", queue)
                        .setAttribute("messaging.message.id", id)
                        .setAttribute("millstream.job.attempt", (long) lease.attempts())
                        .startSpan();
        return new Trace(span);
    }

    /// Does something as part of it.
    <T> T within(Callable<T> work) throws Exception {
        return Context.current().with(span).wrap(work).call();
    }

    /// The attempt failed.
    void failed(Throwable failure) {
        span.setStatus(StatusCode.ERROR, Failures.reason(failure));
        span.recordException(failure);
    }

    /// The attempt said how it ended.
    void ended(JobOutcome<?> outcome) {
        switch (outcome) {
            case JobOutcome.Failed<?> failed -> span.setStatus(StatusCode.ERROR, failed.reason());
            case JobOutcome.Again<?> again -> span.setStatus(StatusCode.ERROR, again.reason());
            case JobOutcome.Dead<?> dead -> span.setStatus(StatusCode.ERROR, dead.reason());
            case JobOutcome.Done<?> _, JobOutcome.Snooze<?> _, JobOutcome.Discarded<?> _ -> {}
        }
    }

    @Override
    public void close() {
        span.end();
    }

    private static final class Headers implements TextMapGetter<Message> {
        @Override
        public Iterable<String> keys(Message message) {
            return List.of(PARENT, STATE);
        }

        @Override
        public @Nullable String get(@Nullable Message message, String name) {
            if (message == null) {
                return null;
            }
            return name.equals(PARENT)
                    ? message.trace()
                    : message.header(name).map(header -> header.value().utf8()).orElse(null);
        }
    }
}
