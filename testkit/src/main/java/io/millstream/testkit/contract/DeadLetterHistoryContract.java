package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity;
import io.millstream.api.Capacity.Overflow;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Via;
import io.millstream.api.Via.Cause;
import io.millstream.api.Via.Death;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// A dead letter tells of what causes it died where and how often; one that would go round without
/// anybody having looked at it goes out of the world.
public abstract class DeadLetterHistoryContract extends BackendContract {

    private static final Duration LIVE = Duration.ofSeconds(10);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void need_all_causes() {
        needs(Feature.QUEUES, Feature.DEAD_LETTER, Feature.TIME_TO_LIVE, Feature.CAPACITY);
    }

    private static Via.DeadLettered via(Lease lease) {
        assertThat(lease.via()).isInstanceOf(Via.DeadLettered.class);
        return (Via.DeadLettered) lease.via();
    }

    private QueueBuilder to(ChannelName queue, ChannelName target) {
        return Definition.Queue.of(queue).with().deadLetter(target);
    }

    @Test
    void each_cause_is_told() {
        define("dead");
        Capacity one = new Capacity(1, 0, Overflow.DROP_HEAD);
        define(to(mail, dead).maxAttempts(1).timeToLive(LIVE).capacity(one).build());
        put(mail, "overflow");
        put(mail, "rejected");
        settle(takeOne(mail), Outcome.dead("bad"));
        put(mail, "attempts");
        retry(takeOne(mail));
        put(mail, "expired");
        advance(LIVE);
        awaitReady(dead, 4);

        List<Lease> leases = take(dead, 4);

        assertThat(texts(leases)).containsExactly("overflow", "rejected", "attempts", "expired");
        assertThat(leases)
                .extracting(lease -> via(lease).cause())
                .containsExactly(Cause.OVERFLOW, Cause.REJECTED, Cause.ATTEMPTS, Cause.EXPIRED);
        assertThat(leases)
                .extracting(lease -> via(lease).history().getFirst().cause())
                .containsExactly(Cause.OVERFLOW, Cause.REJECTED, Cause.ATTEMPTS, Cause.EXPIRED);
    }

    @Test
    void a_reason_that_sounds_like_another_cause_is_still_its_holders_word() {
        define("dead");
        define(to(mail, dead).build());
        put(mail, "1", "2");
        settle(takeOne(mail), Outcome.dead("attempts used up: 1 of 1"));
        settle(takeOne(mail), Outcome.dead("expired"));

        List<Lease> leases = take(dead, 2);

        assertThat(leases)
                .extracting(lease -> via(lease).cause())
                .containsExactly(Cause.REJECTED, Cause.REJECTED);
    }

    @Test
    void deaths_of_one_kind_are_counted_and_the_last_kind_comes_first() {
        define(to(mail, dead).maxAttempts(1).build());
        define(to(dead, mail).build());
        put(mail, "1");
        Instant begun = now();
        for (int round = 0; round < 3; round++) {
            retry(takeOne(mail));
            advance(SECOND);
            settle(takeOne(dead), Outcome.dead("bad"));
            advance(SECOND);
        }

        Via.DeadLettered via = via(takeOne(mail));

        Instant lastInMail = begun.plusSeconds(4);
        Instant firstInDead = begun.plusSeconds(1);
        Instant lastInDead = begun.plusSeconds(5);
        assertThat(via.deaths()).isEqualTo(6);
        assertThat(via.from()).isEqualTo(dead);
        assertThat(via.at()).isEqualTo(lastInDead);
        assertThat(via.history())
                .containsExactly(
                        new Death(dead, Cause.REJECTED, 3, firstInDead, lastInDead),
                        new Death(mail, Cause.ATTEMPTS, 3, begun, lastInMail));
    }

    @Test
    void deaths_of_different_causes_in_one_queue_are_told_apart() {
        define(to(mail, dead).maxAttempts(1).build());
        define(to(dead, mail).maxAttempts(1).build());
        put(mail, "1");
        settle(takeOne(mail), Outcome.dead("bad"));
        retry(takeOne(dead));
        retry(takeOne(mail));

        Via.DeadLettered via = via(takeOne(dead));

        assertThat(via.history())
                .containsExactly(
                        new Death(mail, Cause.ATTEMPTS, 1, now(), now()),
                        new Death(dead, Cause.ATTEMPTS, 1, now(), now()),
                        new Death(mail, Cause.REJECTED, 1, now(), now()));
    }

    @Test
    void the_oldest_kinds_of_death_are_forgotten() {
        int queues = Via.DeadLettered.HISTORY_MAX + 2;
        define("q" + queues);
        for (int i = queues - 1; i >= 0; i--) {
            define(to(ChannelName.of("q" + i), ChannelName.of("q" + (i + 1))).build());
        }
        put(ChannelName.of("q0"), "1");
        for (int i = 0; i < queues; i++) {
            settle(takeOne(ChannelName.of("q" + i)), Outcome.dead("bad"));
        }

        Via.DeadLettered via = via(takeOne(ChannelName.of("q" + queues)));

        assertThat(via.deaths()).isEqualTo(queues);
        assertThat(via.history()).hasSize(Via.DeadLettered.HISTORY_MAX);
        assertThat(via.history().getFirst().queue().name()).isEqualTo("q" + (queues - 1));
        assertThat(via.history().getLast().queue().name()).isEqualTo("q2");
    }

    @Test
    void the_history_is_kept_over_restarts() {
        define(to(mail, dead).maxAttempts(1).build());
        define(to(dead, mail).build());
        put(mail, "1");
        Instant begun = now();
        retry(takeOne(mail));
        awaitReady(dead, 1);
        restart();
        settle(takeOne(dead), Outcome.dead("bad"));
        awaitReady(mail, 1);
        restart();

        Via.DeadLettered via = via(takeOne(mail));

        assertThat(via.deaths()).isEqualTo(2);
        assertThat(via.history()).extracting(Death::queue).containsExactly(dead, mail);
        assertThat(via.history())
                .extracting(Death::cause)
                .containsExactly(Cause.REJECTED, Cause.ATTEMPTS);
        assertThat(via.history().getLast().first()).isEqualTo(begun);
    }

    // Going round.

    @Test
    void what_expires_where_it_expired_before_goes_round_no_more() {
        define(to(mail, dead).timeToLive(LIVE).build());
        define(to(dead, mail).timeToLive(LIVE).build());
        put(mail, "1");
        advance(LIVE);
        awaitReady(dead, 1);
        advance(LIVE);
        awaitReady(mail, 1);

        advance(LIVE);

        awaitCounts(mail, counts -> counts.messages() == 0);
        assertThat(counts(dead).messages()).isZero();
        assertThat(counts(mail).dead()).isEqualTo(2);
        assertThat(counts(mail).expired()).isZero();
        assertThat(counts(dead).dead()).isEqualTo(1);
    }

    @Test
    void what_overflows_where_it_expired_before_goes_round_no_more() {
        Capacity one = new Capacity(1, 0, Overflow.DROP_HEAD);
        define(to(mail, dead).capacity(one).build());
        define(to(dead, mail).timeToLive(LIVE).build());
        put(mail, "1");
        put(mail, "2");
        finish(takeOne(mail));
        advance(LIVE);
        awaitReady(mail, 1);

        put(mail, "3");

        assertThat(counts(mail).dead()).isEqualTo(2);
        assertThat(counts(dead).messages()).isZero();
        assertReadyInOrder(mail, "3");
    }

    @Test
    void what_somebody_looked_at_meanwhile_goes_round_again() {
        define(to(mail, dead).timeToLive(LIVE).build());
        define(to(dead, mail).build());
        put(mail, "1");
        Instant begun = now();
        advance(LIVE);
        settle(takeOne(dead), Outcome.dead("bad"));
        awaitReady(mail, 1);

        advance(LIVE);

        Via.DeadLettered via = via(takeOne(dead));
        assertThat(via.deaths()).isEqualTo(3);
        assertThat(via.history())
                .containsExactly(
                        new Death(
                                mail,
                                Cause.EXPIRED,
                                2,
                                begun.plus(LIVE),
                                begun.plus(LIVE).plus(LIVE)),
                        new Death(dead, Cause.REJECTED, 1, begun.plus(LIVE), begun.plus(LIVE)));
    }

    @Test
    void what_is_given_up_goes_round_as_often_as_it_is_given_up() {
        define(to(mail, dead).timeToLive(LIVE).build());
        define(to(dead, mail).timeToLive(LIVE).build());
        put(mail, "1");
        advance(LIVE);
        awaitReady(dead, 1);
        advance(LIVE);

        settle(takeOne(mail), Outcome.dead("bad"));

        Via.DeadLettered via = via(takeOne(dead));
        assertThat(via.deaths()).isEqualTo(3);
        assertThat(via.cause()).isEqualTo(Cause.REJECTED);
    }
}
