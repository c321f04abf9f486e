package io.millstream.protocols.aws.push;

import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Term;
import io.vertx.core.Future;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// What is on its way to one endpoint. Used on the courier's event loop.
final class Round implements DeliverySink {
    private static final Logger LOG = LoggerFactory.getLogger(Round.class);
    private static final long BYTES = 1 << 20;
    private static final long AGAIN_MILLIS = 500;

    private final Courier courier;
    private final Credit credit;
    private final Subscription subscription;
    private PushTarget target;
    private int share;
    private long nextNanos = System.nanoTime();
    private int endings;
    private boolean closed;

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
        endings += target.until() == null && other.until() != null ? 1 : 0;
        target = other;
    }

    /// So many messages may be on their way from now on.
    void resize(int messages) {
        if (messages != share) {
            share = messages;
            credit.resize(messages, BYTES);
        }
    }

    /// Begins no more posts. Those under way end, and are settled.
    void close() {
        closed = true;
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
        int endingsBefore = endings;
        int perSecond = target.policy().perSecond();
        long wait = 0;
        if (perSecond > 0) {
            long now = System.nanoTime();
            wait = TimeUnit.NANOSECONDS.toMillis(Math.max(0, nextNanos - now));
            nextNanos = Math.max(now, nextNanos) + TimeUnit.SECONDS.toNanos(1) / perSecond;
        }
        if (wait == 0) {
            stand(lease, endingsBefore);
        } else {
            courier.vertx.setTimer(wait, _ -> stand(lease, endingsBefore));
        }
    }

    /// Waits until one more message may be on its way to any endpoint.
    private void stand(Lease lease, int endingsBefore) {
        courier.turns.take(() -> {
            if (closed) {
                courier.turns.giveBack();
            } else {
                courier.began();
                attempt(lease, endingsBefore)
                        .onSuccess(outcome -> {
                            courier.turns.giveBack();
                            settle(new Operation.Settle(lease.handle(), outcome));
                        });
            }
        });
    }

    private Future<Outcome> attempt(Lease lease, int endingsBefore) {
        PushTarget to = target;
        if (endings != endingsBefore && Confirmation.of(lease.message()) == null) {
            // While it waited its subscription has ended, which drops what is there.
            return Future.succeededFuture(Outcome.returned());
        }
        return send(to, lease.message())
                .otherwise(failure -> {
                    LOG.error("A message to {} cannot be sent by a bug", to.queue(), failure);
                    return new Post.Result(0, "The message could not be sent: " + failure);
                })
                .map(result -> {
                    Outcome outcome = outcome(lease, result);
                    courier.meters
                            .counter("millstream.sns.deliveries", "outcome", word(outcome))
                            .increment();
                    if (!result.isTaken()) {
                        LOG.debug("{} did not take a message: {}", to.queue(), result.words());
                    }
                    return outcome;
                });
    }

    private Future<Post.Result> send(PushTarget to, Message message) {
        return Future.fromCompletionStage(courier.signer.get(), courier.context())
                .compose(signer ->
                        courier.context()
                                .executeBlocking(() -> Parcel.of(to, message, signer), false))
                .compose(packed ->
                        Post.send(
                                courier.vertx,
                                courier.client(),
                                courier.limits,
                                Endpoint.read(to.endpoint()),
                                Objects.requireNonNull(packed)));
    }

    /// Until it is settled, the message is leased and takes some of the endpoint's share.
    private void settle(Operation.Settle settle) {
        if (courier.isClosed()) {
            return;
        }
        courier.store
                .commit(settle)
                .whenComplete((receipt, failure) -> {
                    if (receipt != null && isOver(receipt)) {
                        courier.ended();
                    } else {
                        LOG.debug(
                                "A settle in {} is tried again: {}",
                                settle.handle().queue(),
                                receipt,
                                failure);
                        courier.vertx.setTimer(AGAIN_MILLIS, _ -> settle(settle));
                    }
                });
    }

    /// Whether it is settled, or not leased any more.
    private static boolean isOver(Receipt receipt) {
        return switch (receipt) {
            case Receipt.Committed _ -> true;
            case Receipt.Refused refused ->
                    refused.refusal() instanceof Refusal.StaleFence
                            || refused.refusal() instanceof Refusal.NoSuchChannel;
        };
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
