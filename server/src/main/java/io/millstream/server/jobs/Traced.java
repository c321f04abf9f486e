package io.millstream.server.jobs;

import io.millstream.protocols.http.Asked;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// The trace that a request is part of, by its headers `traceparent` and `tracestate` (W3C Trace
/// Context): jobs that it submits are part of it, too.
final class Traced implements TextMapGetter<Asked> {
    private static final Traced HEADERS = new Traced();

    private Traced() {}

    static Context by(Asked asked) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), asked, HEADERS);
    }

    @Override
    public Iterable<String> keys(Asked asked) {
        return List.copyOf(W3CTraceContextPropagator.getInstance().fields());
    }

    @Override
    public @Nullable String get(@Nullable Asked asked, String name) {
        return asked == null ? null : asked.header(name);
    }
}
