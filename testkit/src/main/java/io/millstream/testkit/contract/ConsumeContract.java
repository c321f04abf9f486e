package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Term;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/// Messages are pushed in order as long as there is credit; whatever ends a lease gives its credit
/// back.
public abstract class ConsumeContract extends BackendContract {

    private static final long PLENTY = 1L << 30;

    private final ChannelName mail = ChannelName.of("mail");
    private final Consumer consumer = new Consumer();

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.CONSUME);
        define("mail");
    }

    private Subscription consume(Credit credit, Term term) {
        return session().consume(Subscribe.of(mail, term, credit), consumer);
    }

    private Credit window(int messages) {
        return session().credit(messages, PLENTY);
    }

    private void awaitDelivered(int messages) {
        awaitDelivered(consumer, messages);
    }

    private static void awaitDelivered(Consumer to, int messages) {
        eventually(
                () -> to.leases().size() >= messages,
                () -> to.leases().size() + " of " + messages + " messages are delivered");
        assertThat(to.leases()).hasSize(messages);
    }

    private Lease delivered(int index) {
        return consumer.leases().get(index);
    }

    private static String[] numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toArray(String[]::new);
    }

    @Test
    void messages_are_pushed_in_order_before_and_after_subscribing() {
        put(mail, "1", "2");
        consume(window(100), WHILE_OPEN);
        put(mail, "3");
        put(mail, "4", "5");
        awaitDelivered(5);

        assertThat(consumer.texts()).containsExactly(numbers(1, 5));
        assertThat(consumer.leases()).allMatch(lease -> lease.deliveries() == 1);
        assertThat(counts(mail).leased()).isEqualTo(5);
    }

    @Test
    void a_lost_connection_returns_a_full_window_to_its_old_places() {
        put(mail, numbers(1, 15));
        Session connection = newSession("connection");
        connection.consume(Subscribe.of(mail, WHILE_OPEN, connection.credit(10, PLENTY)), consumer);
        awaitDelivered(10);
        assertThat(counts(mail).leased()).isEqualTo(10);
        assertThat(counts(mail).ready()).isEqualTo(5);
        finish(delivered(0), delivered(5));
        awaitDelivered(12);
        assertThat(consumer.texts()).containsExactly(numbers(1, 12));

        connection.close();

        awaitReady(mail, 13);
        List<Lease> again = take(mail, 13);
        assertThat(texts(again))
                .containsExactly(
                        "2", "3", "4", "5", "7", "8", "9", "10", "11", "12", "13", "14", "15");
        assertThat(again.getFirst().deliveries()).isEqualTo(2);
        assertThat(again.getLast().deliveries()).isEqualTo(1);
        assertThat(consumer.leases()).hasSize(12);
    }

    @Test
    void settling_in_any_way_gives_credit_back() {
        needs(Feature.RETRY_AFTER);
        put(mail, numbers(1, 4));
        consume(window(1), TIMED);
        awaitDelivered(1);
        finish(delivered(0));
        awaitDelivered(2);
        settle(delivered(1), Outcome.dead("no"));
        awaitDelivered(3);
        settle(delivered(2), Outcome.retry(SECOND));
        awaitDelivered(4);

        assertThat(consumer.texts()).containsExactly(numbers(1, 4));
        assertThat(counts(mail).leased()).isEqualTo(1);
    }

    @Test
    void a_returned_message_is_pushed_again() {
        put(mail, "1", "2");
        consume(window(1), WHILE_OPEN);
        awaitDelivered(1);
        retry(delivered(0));
        awaitDelivered(2);

        assertThat(consumer.texts()).containsExactly("1", "1");
        assertThat(delivered(1).deliveries()).isEqualTo(2);
        assertStale(finishing(delivered(0)));
        finish(delivered(1));
    }

    @Test
    void a_lease_that_ends_by_itself_gives_credit_back() {
        put(mail, "1");
        consume(window(1), TIMED);
        awaitDelivered(1);
        advance(LEASE.plus(SECOND));
        awaitDelivered(2);

        assertThat(delivered(1).deliveries()).isEqualTo(2);
        assertStale(finishing(delivered(0)));
        put(mail, "2");
        finish(delivered(1));
        awaitDelivered(3);
    }

    @Test
    void a_purge_gives_credit_back() {
        needs(Feature.PURGE);
        put(mail, "1", "2");
        consume(window(1), WHILE_OPEN);
        awaitDelivered(1);
        commit(new Operation.Edit.Purge(mail));
        put(mail, "3");
        awaitDelivered(2);

        assertThat(consumer.texts()).containsExactly("1", "3");
    }

    @Test
    void a_settle_in_a_refused_commit_gives_no_credit_back() {
        put(mail, "1", "2");
        consume(window(1), WHILE_OPEN);
        awaitDelivered(1);
        refused(finishing(delivered(0)), putting(ChannelName.of("absent"), ""));
        assertThat(counts(mail).ready()).isEqualTo(1);

        finish(delivered(0));

        awaitDelivered(2);
        assertThat(consumer.texts()).containsExactly("1", "2");
    }

    @Test
    void one_large_message_may_overdraw_the_window_and_then_nothing_comes() {
        put(mail, "x".repeat(5000), "2", "3");
        consume(session().credit(10, 1000), WHILE_OPEN);
        awaitDelivered(1);
        assertThat(counts(mail).ready()).isEqualTo(2);

        finish(delivered(0));

        awaitDelivered(3);
    }

    @Test
    void a_window_of_bytes_counts_what_is_out() {
        put(mail, "x".repeat(600), "y".repeat(600), "z".repeat(600));
        consume(session().credit(10, 1000), WHILE_OPEN);
        awaitDelivered(2);
        assertThat(counts(mail).ready()).isEqualTo(1);

        finish(delivered(0));

        awaitDelivered(3);
    }

    @Test
    void a_window_may_be_shared_by_subscriptions_to_several_queues() {
        ChannelName post = define("post");
        Credit shared = window(2);
        Consumer second = new Consumer();
        consume(shared, WHILE_OPEN);
        session().consume(Subscribe.of(post, WHILE_OPEN, shared), second);
        put(mail, "1", "2");
        awaitDelivered(2);
        put(post, "3");
        assertThat(counts(post).ready()).isEqualTo(1);

        finish(delivered(0));

        awaitDelivered(second, 1);
        assertThat(second.texts()).containsExactly("3");
    }

    @Test
    void a_resized_window_counts_from_then_on() {
        put(mail, numbers(1, 6));
        Credit window = window(0);
        consume(window, WHILE_OPEN);
        assertThat(counts(mail).ready()).isEqualTo(6);
        window.resize(3, PLENTY);
        awaitDelivered(3);
        window.resize(1, PLENTY);
        finish(delivered(0), delivered(1));
        assertThat(counts(mail).ready()).isEqualTo(3);

        finish(delivered(2));

        awaitDelivered(4);
        assertThat(consumer.texts()).containsExactly(numbers(1, 4));
    }

    @Test
    void a_closed_subscription_keeps_its_leases_and_gets_no_more() {
        put(mail, "1");
        Subscription subscription = consume(window(10), WHILE_OPEN);
        awaitDelivered(1);
        subscription.close();
        subscription.close();
        put(mail, "2");

        assertReadyInOrder(mail, "2");
        assertThat(consumer.leases()).hasSize(1);
        assertThat(counts(mail).leased()).isEqualTo(1);
        finish(delivered(0));
    }

    @Test
    void a_lease_of_a_closed_subscription_still_counts_in_a_shared_window() {
        Credit shared = window(1);
        put(mail, "1");
        Subscription first = consume(shared, WHILE_OPEN);
        awaitDelivered(1);
        first.close();
        Consumer second = new Consumer();
        session().consume(Subscribe.of(mail, WHILE_OPEN, shared), second);
        put(mail, "2");
        assertThat(counts(mail).ready()).isEqualTo(1);

        finish(delivered(0));

        awaitDelivered(second, 1);
    }

    @Test
    void automatic_leases_take_no_credit() {
        put(mail, numbers(1, 20));
        consume(window(1), Term.Auto.AUTO);
        awaitDelivered(20);

        assertThat(consumer.texts()).containsExactly(numbers(1, 20));
        awaitCounts(mail, counts -> counts.messages() == 0 && counts.done() == 20);
    }

    @Test
    void consumers_are_served_in_turn() {
        Consumer second = new Consumer();
        consume(window(100), WHILE_OPEN);
        session().consume(Subscribe.of(mail, WHILE_OPEN, window(100)), second);
        for (String number : numbers(1, 10)) put(mail, number);
        eventually(() -> consumer.leases().size() + second.leases().size() == 10);

        assertThat(consumer.leases()).hasSize(5);
        assertThat(second.leases()).hasSize(5);
    }

    @Test
    void a_consumer_without_credit_holds_nobody_up() {
        Consumer second = new Consumer();
        consume(window(0), WHILE_OPEN);
        session().consume(Subscribe.of(mail, WHILE_OPEN, window(10)), second);
        put(mail, "1", "2");

        awaitDelivered(second, 2);
        assertThat(consumer.leases()).isEmpty();
    }

    @Test
    void consumers_keep_to_the_bound_on_leases() {
        define(Definition.Queue.of(mail).withMaxInFlight(2));
        put(mail, "1", "2", "3");
        consume(window(10), WHILE_OPEN);
        awaitDelivered(2);
        assertThat(counts(mail).ready()).isEqualTo(1);

        finish(delivered(0));

        awaitDelivered(3);
    }

    @Test
    void a_message_whose_time_has_come_is_pushed() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1");
        consume(window(1), WHILE_OPEN);
        awaitDelivered(1);
        settle(delivered(0), Outcome.retry(SECOND));
        advance(Duration.ofSeconds(2));

        awaitDelivered(2);
    }

    @Test
    void a_subscription_ends_when_its_queue_is_removed() {
        put(mail, "1");
        Credit credit = window(1);
        consume(credit, WHILE_OPEN);
        awaitDelivered(1);
        commit(removing(mail));
        eventually(() -> !consumer.ends().isEmpty());
        assertThat(consumer.ends()).containsExactly(new Refusal.NoSuchChannel(mail));

        define("mail");
        put(mail, "2");
        assertThat(counts(mail).ready()).isEqualTo(1);
        Consumer second = new Consumer();
        session().consume(Subscribe.of(mail, WHILE_OPEN, credit), second);

        awaitDelivered(second, 1);
        assertThat(consumer.leases()).hasSize(1);
    }

    @Test
    void a_subscription_to_an_unknown_queue_ends_at_once() {
        ChannelName absent = ChannelName.of("absent");
        session().consume(Subscribe.of(absent, WHILE_OPEN, window(1)), consumer);
        eventually(() -> !consumer.ends().isEmpty());

        assertThat(consumer.ends()).containsExactly(new Refusal.NoSuchChannel(absent));
    }

    @Test
    void a_sink_may_settle_what_it_is_handed() {
        Consumer settler = new Consumer();
        put(mail, numbers(1, 50));
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, window(1)),
                        new SettlingSink(session(), settler));
        awaitDelivered(settler, 50);

        assertThat(settler.texts()).containsExactly(numbers(1, 50));
        awaitCounts(mail, counts -> counts.done() == 50);
    }

    /// Settles each message on the backend's own thread, as a front end that acknowledges by itself
    /// does.
    ///
    /// @param session that it settles through
    /// @param next who is told
    private record SettlingSink(Session session, Consumer next) implements DeliverySink {
        @Override
        public void deliver(List<Lease> leases) {
            next.deliver(leases);
            for (Lease lease : leases) {
                var _ = session.commit(Commit.of(finishing(lease)));
            }
        }

        @Override
        public void ended(Refusal why) {
            next.ended(why);
        }
    }
}
