package io.millstream.protocols.aws.push;

import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Term;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// What is on its way to one endpoint. Used on the courier's event loop.
final class Round implements DeliverySink {
    private static final Logger LOG = LoggerFactory.getLogger(Round.class);
    private static final long BYTES = 1 << 20;

    private final Courier courier;
    private final Credit credit;
    private final Subscription subscription;
    private PushTarget target;
    private int share;
    private long nextNanos = System.nanoTime();

    Round(Courier courier, PushTarget target, int share) {
        this.courier = courier;
        this.target = target;
        this.share = share;
        this.credit = courier.session.credit(share, BYTES);
        this.subscription =
                courier.session.consume(
                        Subscribe.of(target.queue(), Term.WhileOpen.WHILE_OPEN, credit), this);
    }

    PushTarget target() {
        return target;
    }

    /// From now on the endpoint is described so.
    void redirect(PushTarget other) {
        target = other;
    }

    /// So many messages may be on their way from now on.
    void resize(int messages) {
        if (messages != share) {
            share = messages;
            credit.resize(messages, BYTES);
        }
    }

    void close() {
        subscription.close();
    }

    @Override
    public void deliver(List<Lease> leases) {
        courier.execute(() -> leases.forEach(this::pace));
    }

    @Override
    public void ended(Refusal why) {
        LOG.debug("Nothing more goes to {}: {}", target.queue(), why.text());
    }

    /// Waits until the endpoint may get one more message.
    private void pace(Lease lease) {
        int perSecond = target.policy().perSecond();
        if (perSecond == 0) {
            send(lease);
            return;
        }
        long now = System.nanoTime();
        long wait = TimeUnit.NANOSECONDS.toMillis(Math.max(0, nextNanos - now));
        nextNanos = Math.max(now, nextNanos) + TimeUnit.SECONDS.toNanos(1) / perSecond;
        if (wait == 0) {
            send(lease);
        } else {
            courier.vertx.setTimer(wait, _ -> send(lease));
        }
    }

    private void send(Lease lease) {
        HttpClient client = courier.client();
        if (courier.isClosed() || client == null) {
            return;
        }
        PushTarget to = target;
        Future.fromCompletionStage(courier.signer.get(), courier.context())
                .compose(signer ->
                        courier.context()
                                .executeBlocking(
                                        () -> Parcel.of(to, lease.message(), signer), false))
                .compose(packed ->
                        Post.send(
                                courier.vertx,
                                client,
                                courier.limits,
                                Endpoint.read(to.endpoint()),
                                Objects.requireNonNull(packed)))
                .otherwise(failure -> {
                    LOG.error("A message to {} cannot be sent by a bug", to.queue(), failure);
                    return new Post.Result(0, "The message could not be sent: " + failure);
                })
                .onSuccess(result -> settle(lease, result));
    }

    private void settle(Lease lease, Post.Result result) {
        if (courier.isClosed()) {
            return;
        }
        Outcome outcome = outcome(lease, result);
        courier.meters.counter("millstream.sns.deliveries", "outcome", word(outcome)).increment();
        if (!result.isTaken()) {
            LOG.debug("{} did not take a message: {}", target.queue(), result.words());
        }
        courier.store.commit(new Operation.Settle(lease.handle(), outcome, Operation.Stale.REFUSE));
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> "done";
            case Outcome.Retry _ -> "retry";
            case Outcome.Dead _ -> "dead";
        };
    }

    /// The queue buries what has had all its attempts; here it only gets its reason.
    private Outcome outcome(Lease lease, Post.Result result) {
        if (result.isTaken()) {
            return Outcome.done();
        }
        DeliveryPolicy policy = target.policy();
        if (Confirmation.of(lease.message()) != null) {
            // A question is no message of the topic, so it is not kept.
            return !result.mayPass() || policy.isOver(lease.deliveries())
                    ? Outcome.done()
                    : new Outcome.Retry(policy.delay(lease.deliveries()), false);
        }
        return !result.mayPass() || policy.isOver(lease.attempts())
                ? Outcome.dead(result.words())
                : Outcome.retry(policy.delay(lease.attempts()));
    }
}
