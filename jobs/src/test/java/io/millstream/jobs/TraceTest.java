package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.jobs.schedule.Every;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// The trace of who submits a job goes on in its handler, and in what that submits.
class TraceTest extends JobsFixture {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final JobType<Order, String> PARENTS =
            JobType.of("order.parent", Order.class, String.class)
                    .with(job -> job.queue("orders").retry(Retry.never()));

    private final List<SpanData> ended = new CopyOnWriteArrayList<>();

    TraceTest() {
        super(Store.MODEL);
    }

    @AfterEach
    void forget_what_was_set_up() {
        GlobalOpenTelemetry.resetForTest();
    }

    /// A program that exports its spans.
    private void setUp() {
        SdkTracerProvider provider =
                SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(new Kept()))
                        .build();
        GlobalOpenTelemetry.set(
                new OpenTelemetry() {
                    @Override
                    public TracerProvider getTracerProvider() {
                        return provider;
                    }

                    @Override
                    public ContextPropagators getPropagators() {
                        return ContextPropagators.noop();
                    }
                });
    }

    private final class Kept implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            ended.addAll(spans);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    /// Each returns the trace that it is part of; a parent returns the one of its child.
    private void work() {
        open(
                workers()
                        .handle(CHARGE, (_, _) -> Span.current().getSpanContext().getTraceId())
                        .handle(
                                PARENTS,
                                (order, _) -> {
                                    if (order.number() < 0) {
                                        throw new IllegalStateException("No order");
                                    }
                                    return jobs.enqueue(CHARGE, order).await(LONG);
                                })
                        .start());
    }

    private SpanData span(String name) {
        await(() -> ended.stream().anyMatch(one -> one.getName().equals(name)));
        return ended.stream().filter(one -> one.getName().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void a_child_is_part_of_the_trace_of_who_submitted_its_parent() {
        setUp();
        work();
        Span request =
                GlobalOpenTelemetry.getTracer("test").spanBuilder("POST /orders").startSpan();
        JobRef<String> ref;
        try (Scope _ = request.makeCurrent()) {
            ref = jobs.enqueue(PARENTS, new Order(1, "a"));
        }

        assertThat(ref.await(LONG)).isEqualTo(request.getSpanContext().getTraceId());

        SpanData parent = span("process order.parent");
        SpanData child = span("process order.charge");
        assertThat(parent.getParentSpanId()).isEqualTo(request.getSpanContext().getSpanId());
        assertThat(child.getParentSpanId()).isEqualTo(parent.getSpanId());
        assertThat(child.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(parent.getAttributes().asMap().toString())
                .contains("messaging.message.id=" + ref.id(), "messaging.destination.name=orders");
    }

    @Test
    void without_any_set_up_a_trace_is_handed_on() {
        work();
        Message job =
                Message.builder(Json.payload(new Order(1, "a")))
                        .id("from-elsewhere")
                        .type(PARENTS.wireName())
                        .trace("00-" + TRACE + "-" + PARENT + "-01")
                        .header(Header.text("millstream-keep-result", "PT1H"))
                        .build();
        jobs.declare("orders", queue -> queue);

        millstream.commit(new Operation.Put(ORDERS, job));

        assertThat(jobs.ref(PARENTS, "from-elsewhere").await(LONG)).isEqualTo(TRACE);
    }

    @Test
    void a_debounced_job_is_part_of_the_trace_of_who_submitted_it_last() throws Exception {
        setUp();
        JobType<Order, String> put =
                CHARGE.with(job ->
                        job.unique(Unique.debounced(Duration.ofSeconds(1), Duration.ofSeconds(9))));
        Span request = GlobalOpenTelemetry.getTracer("test").spanBuilder("PUT").startSpan();
        JobRef<String> ref;
        try (Scope _ = request.makeCurrent()) {
            ref = jobs.enqueue(put, new Order(1, "a"));
        }
        work();
        var future = ref.future();

        advanceUntil(Duration.ofMillis(500), future::isDone);

        assertThat(future.get()).isEqualTo(request.getSpanContext().getTraceId());
    }

    @Test
    void what_is_kept_in_an_outbox_keeps_its_trace() throws Exception {
        setUp();
        Span request = GlobalOpenTelemetry.getTracer("test").spanBuilder("POST").startSpan();
        Draft draft;
        try (Scope _ = request.makeCurrent()) {
            draft = Draft.of("a1", CHARGE, new Order(1, "a"), CHARGE.options());
        }

        Draft read = DraftJson.read("a1", DraftJson.write(draft));

        assertThat(read.message().trace())
                .contains(request.getSpanContext().getTraceId())
                .isEqualTo(draft.message().trace());
    }

    @Test
    void a_schedule_belongs_to_no_trace_of_who_declares_it() {
        setUp();
        for (int start = 0; start < 2; start++) {
            Span main = GlobalOpenTelemetry.getTracer("test").spanBuilder("main").startSpan();
            try (Scope _ = main.makeCurrent()) {
                boolean isNew =
                        jobs.schedules()
                                .declare(
                                        "nightly",
                                        Every.of(Duration.ofDays(1)),
                                        CHARGE,
                                        new Order(1, "a"));
                assertThat(isNew).isEqualTo(start == 0);
            }
        }
    }

    @Test
    void an_attempt_that_says_it_failed_is_a_failed_span() {
        setUp();
        open(workers().decide(PARENTS, (_, _) -> JobOutcome.failed("No money", "")).start());

        jobs.enqueue(PARENTS, new Order(1, "a"));

        SpanData failed = span("process order.parent");
        assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(failed.getStatus().getDescription()).isEqualTo("No money");
    }

    @Test
    void a_job_that_nobody_traces_is_part_of_none() {
        work();

        String trace = jobs.enqueue(PARENTS, new Order(1, "a")).await(LONG);

        assertThat(trace).isEqualTo(SpanContext.getInvalid().getTraceId());
    }

    @Test
    void an_attempt_that_failed_is_a_span_that_says_why() {
        setUp();
        work();

        jobs.enqueue(PARENTS, new Order(-1, "a"));

        SpanData failed = span("process order.parent");
        assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(failed.getStatus().getDescription()).contains("No order");
    }

    @Test
    void headers_that_are_no_trace_are_no_trouble() {
        work();
        jobs.declare("orders", queue -> queue);
        Message job =
                Message.builder(Json.payload(new Order(1, "a")))
                        .id("odd")
                        .type(CHARGE.wireName())
                        .trace("00-rubbish")
                        .header(Header.text("tracestate", "=,=,\u0001"))
                        .header(Header.text("millstream-keep-result", "PT1H"))
                        .build();

        millstream.commit(new Operation.Put(ORDERS, job));

        assertThat(jobs.ref(CHARGE, "odd").await(LONG))
                .isEqualTo(SpanContext.getInvalid().getTraceId());
    }
}
