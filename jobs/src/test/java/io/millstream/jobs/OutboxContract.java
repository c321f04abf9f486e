package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.RefusedException;
import io.millstream.api.View;
import io.millstream.jobs.outbox.Outbox;
import io.millstream.jobs.outbox.OutboxLook;
import io.millstream.jobs.outbox.RefusedJob;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What it means to enqueue jobs in a transaction, on whatever database [#database] is.
abstract class OutboxContract extends JobsFixture {
    private static final JobType<Order, String> ONCE =
            CHARGE.uniqueBy(order -> "" + order.number())
                    .with(options -> options.unique(Unique.untilDone()));

    OutboxContract() {
        super(Store.ENGINE);
    }

    abstract OutboxDatabase database();

    @BeforeEach
    void renew() throws SQLException {
        database().renew();
    }

    private Relay relay() {
        return relayOf(database());
    }

    private Relay relayOf(OutboxDatabase database) {
        return open(
                jobs.relay(database.source())
                        .pause(Duration.ofMillis(40))
                        .patience(Duration.ofMillis(300))
                        .start());
    }

    private interface Work {
        void in(Connection connection) throws SQLException;
    }

    private void committed(Work work) throws SQLException {
        try (Connection connection = database().transaction()) {
            work.in(connection);
            connection.commit();
        }
    }

    private JobRef<String> enqueue(JobType<Order, String> type, Order order) throws SQLException {
        List<JobRef<String>> refs = new ArrayList<>();
        committed(connection -> refs.add(jobs.in(connection).enqueue(type, order)));
        return refs.getFirst();
    }

    /// The numbers of the orders in a queue, in its order.
    private List<Integer> orders(String queue) {
        return find(new Query.Browse(ChannelName.of(queue), 10_000, null, 1000)).stream()
                .map(message -> Integer.parseInt(numberOf(message)))
                .toList();
    }

    private static String numberOf(View.MessageView message) {
        return message.message().text().replaceAll("\\D*(\\d+).*", "$1");
    }

    private static Order order(int number) {
        return new Order(number, "ann");
    }

    private void awaitRelayed() {
        await(() -> database().waiting() == 0);
    }

    // The transaction.

    @Test
    void a_job_is_done_if_its_transaction_commits() throws SQLException {
        relay();
        working();

        assertThat(enqueue(CHARGE, order(7)).await(LONG)).isEqualTo("ann");
        awaitRelayed();
        assertNothingIsLeft();
    }

    @Test
    void a_job_was_never_there_if_its_transaction_rolls_back() throws SQLException {
        relay();
        try (Connection connection = database().transaction()) {
            jobs.in(connection).enqueue(CHARGE, order(7));
            connection.rollback();
        }
        enqueue(CHARGE, order(8));

        awaitRelayed();
        assertThat(orders("orders")).containsExactly(8);
    }

    @Test
    void nothing_is_relayed_before_the_commit() throws SQLException {
        Relay relay = relay();
        try (Connection connection = database().transaction()) {
            jobs.in(connection).enqueue(CHARGE, order(7));
            enqueue(CHARGE, order(8));
            await(() -> relay.relayed() == 1);

            assertThat(orders("orders")).containsExactly(8);
            connection.commit();
        }
        await(() -> relay.relayed() == 2);
        assertThat(orders("orders")).containsExactly(8, 7);
    }

    @Test
    void enqueueing_asks_nothing_of_the_store() throws Exception {
        try (Connection connection = database().transaction()) {
            millstream.close();
            jobs.in(connection).enqueue(CHARGE, order(7));
            connection.commit();
        }

        assertThat(database().waiting()).isOne();
    }

    @Test
    void a_connection_that_commits_by_itself_is_refused() throws SQLException {
        try (Connection connection = database().source().getConnection()) {
            assertThatThrownBy(() -> jobs.in(connection).enqueue(CHARGE, order(7)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("setAutoCommit(false)");
        }
        assertThat(database().waiting()).isZero();
    }

    @Test
    void what_is_larger_than_the_store_takes_is_refused_in_the_transaction() throws SQLException {
        int bytes = (int) backend.capabilities().messageBytesMax() + 1;
        Order large = new Order(7, "x".repeat(bytes));
        try (Connection connection = database().transaction()) {
            assertThatThrownBy(() -> jobs.in(connection).enqueue(CHARGE, large))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("order.charge");
        }
    }

    @Test
    void jobs_of_one_program_keep_their_order_over_transactions_and_batches() throws SQLException {
        committed(connection -> {
            jobs.in(connection)
                    .enqueueAll(CHARGE, IntStream.range(0, 700).mapToObj(n -> order(n)).toList());
            jobs.in(connection).enqueue(CHARGE, order(700));
        });
        enqueue(CHARGE, order(701));
        relay();
        awaitRelayed();

        assertThat(orders("orders")).isEqualTo(IntStream.rangeClosed(0, 701).boxed().toList());
    }

    @Test
    void a_job_is_what_it_would_be_if_it_was_submitted_at_once() throws SQLException {
        JobType<Order, String> type =
                CHARGE.with(options ->
                        options.key("k")
                                .priority(4)
                                .delay(Duration.ofHours(1))
                                .startWithin(Duration.ofHours(2)));
        Order order = new Order(7, "Zoë \u0000 \ud83d\ude00 '\"\\");
        jobs.enqueue(type, order);
        enqueue(type, order);
        relay();
        awaitRelayed();

        List<View.MessageView> both = find(new Query.Browse(ORDERS, 10_000, null, 10));
        assertThat(both).hasSize(2);
        assertThat(both.getFirst().message().with().id(null).build())
                .isEqualTo(both.getLast().message().with().id(null).build());
        assertThat(both.getFirst().due()).isEqualTo(both.getLast().due());
    }

    @Test
    void a_row_that_another_program_wrote_is_a_job() throws SQLException {
        database()
                .run(
                        "INSERT INTO millstream_outbox"
                                + " (refused, placed_at, job_id, form, queue_name, job) VALUES (0,"
                                + " 1764286000000000, 'from-elsewhere', 1, 'orders', '{\"queue\":"
                                + " \"orders\", \"type\": \"order.charge\", \"payload\":"
                                + " {\"number\": 7, \"customer\": \"bob\"}}')");
        relay();
        working();

        await(() -> database().waiting() == 0);
        await(() -> counts("orders").messages() == 0);
        assertThat(counts("jobs.dead").messages()).isZero();
    }

    // Duplicates.

    @Test
    void who_enqueues_a_duplicate_awaits_the_first_one() throws SQLException {
        JobRef<String> first = jobs.enqueue(ONCE, order(7));
        JobRef<String> second = enqueue(ONCE, new Order(7, "bob"));
        List<JobRef<String>> third = new ArrayList<>();
        committed(connection ->
                third.addAll(
                        jobs.in(connection)
                                .enqueueAll(
                                        ONCE, List.of(new Order(8, "eve"), new Order(8, "dan")))));
        var early = second.future();
        relay();
        awaitRelayed();
        assertThat(orders("orders")).containsExactly(7, 8);
        assertThat(jobs.status(second.id())).isEqualTo(jobs.status(first.id()));
        assertThat(jobs.why(second.id())).isEqualTo(jobs.why(first.id()));

        working();

        assertThat(early.join()).isEqualTo("ann");
        assertThat(second.await(LONG)).isEqualTo("ann");
        assertThat(third.getFirst().await(LONG)).isEqualTo("eve");
        assertThat(third.getLast().await(LONG)).isEqualTo("eve");
        assertNothingIsLeft();
    }

    @Test
    void who_cancels_a_duplicate_cancels_the_first_one() throws SQLException {
        jobs.enqueue(ONCE, order(7));
        JobRef<String> second = enqueue(ONCE, order(7));
        relay();
        awaitRelayed();

        assertThat(second.cancel()).isEqualTo(new Cancellation.Cancelled(false));
        assertNothingIsLeft();
    }

    @Test
    void of_debounced_jobs_the_last_one_is_done_and_all_await_it() throws SQLException {
        JobType<Order, String> type =
                CHARGE.uniqueBy(order -> "" + order.number())
                        .with(options ->
                                options.unique(
                                        Unique.debounced(
                                                Duration.ofSeconds(5), Duration.ofMinutes(1))));
        List<JobRef<String>> refs = new ArrayList<>();
        committed(connection -> {
            refs.add(jobs.in(connection).enqueue(type, new Order(7, "ann")));
            refs.add(jobs.in(connection).enqueue(type, new Order(8, "eve")));
            refs.add(jobs.in(connection).enqueue(type, new Order(7, "bob")));
        });
        relay();
        awaitRelayed();
        open(workers().handle(type, (order, _) -> order.customer()).start());
        advance(Duration.ofSeconds(6));

        assertThat(refs.get(0).await(LONG)).isEqualTo("bob");
        assertThat(refs.get(1).await(LONG)).isEqualTo("eve");
        assertThat(refs.get(2).await(LONG)).isEqualTo("bob");
    }

    // What cannot be put.

    private void declareSmall(int messages) {
        millstream.commit(
                new Operation.Define(
                        Definition.Queue.builder(ChannelName.of("small"))
                                .typed(true)
                                .capacity(new Capacity(messages, 0, Capacity.Overflow.REFUSE))
                                .build(),
                        Expect.Anything.ANYTHING));
    }

    private static JobType<Order, String> small() {
        return CHARGE.with(options -> options.queue("small"));
    }

    @Test
    void a_full_queue_takes_what_it_can_and_holds_up_no_other() throws SQLException {
        declareSmall(2);
        committed(connection -> {
            for (int number = 0; number < 4; number++) {
                jobs.in(connection).enqueue(small(), order(number));
                jobs.in(connection).enqueue(CHARGE, order(10 + number));
            }
        });
        Relay relay = relay();

        await(() -> database().waiting() == 2);
        assertThat(orders("small")).containsExactly(0, 1);
        assertThat(orders("orders")).containsExactly(10, 11, 12, 13);
        await(() -> relay.trouble().isPresent());
        assertThat(relay.trouble().orElseThrow()).contains("small is full");

        millstream.commit(new Operation.Edit.Purge(ChannelName.of("small")));
        awaitRelayed();
        assertThat(orders("small")).containsExactly(2, 3);
        await(() -> relay.trouble().isEmpty());
    }

    @Test
    void a_full_queue_is_no_trouble_any_more_when_nothing_waits_for_it() throws SQLException {
        declareSmall(1);
        committed(
                connection -> jobs.in(connection).enqueueAll(small(), List.of(order(1), order(2))));
        Relay relay = relay();
        await(() -> relay.trouble().isPresent());
        await(() -> database().tries("DELETE FROM millstream_outbox WHERE refused = 0"));

        await(() -> relay.trouble().isEmpty());
    }

    @Test
    void more_jobs_than_a_batch_that_wait_for_a_full_queue_hold_up_no_other() throws SQLException {
        declareSmall(1);
        committed(connection -> {
            jobs.in(connection)
                    .enqueueAll(small(), IntStream.range(0, 30).mapToObj(n -> order(n)).toList());
            jobs.in(connection).enqueue(CHARGE, order(99));
        });
        open(jobs.relay(database().source()).batch(10).pause(Duration.ofMillis(40)).start());

        await(() -> database().waiting() == 29);
        await(() -> millstream.queue("orders").counts().messages() == 1);
    }

    @Test
    void a_queue_that_was_removed_is_made_again() throws SQLException {
        relay();
        enqueue(CHARGE, order(1));
        awaitRelayed();
        millstream.remove("orders");
        enqueue(CHARGE, order(2));
        awaitRelayed();

        assertThat(orders("orders")).containsExactly(2);
    }

    @Test
    void what_can_never_be_put_stays_with_the_reason_and_the_others_go_on() throws SQLException {
        millstream.commit(
                new Operation.Define(
                        Definition.Queue.builder(ChannelName.of("small"))
                                .typed(true)
                                .messageBytesMax(1000)
                                .build(),
                        Expect.Anything.ANYTHING));
        Instant before = Instant.now().minusSeconds(1);
        JobRef<String> large = enqueue(small(), new Order(1, "x".repeat(2000)));
        insert("nonsense", "{\"queue\":\"orders\"}");
        insert(
                "endless",
                "{\"queue\":\"orders\",\"type\":\"t\",\"payload\":{},\"headers\":"
                        + "[[\"millstream-keep-result\",\"text\",\"PT99999999999999999S\"]],"
                        + "\"unique\":{\"key\":\"k\",\"until\":\"done\"}}");
        insert(
                "endless2",
                "{\"queue\":\"orders\",\"type\":\"t\",\"payload\":{},\"headers\":"
                        + "[[\"millstream-keep-result\",\"text\",\"PT99999999999999999S\"]],"
                        + "\"unique\":{\"key\":\"k\",\"until\":\"done\"}}");
        enqueue(CHARGE, order(2));
        Relay relay = relay();
        awaitRelayed();
        await(() -> relay.refused() == 3);

        try (Connection connection = database().transaction()) {
            assertThat(Outbox.look(connection)).isEqualTo(new OutboxLook(0, null, 3));
            List<RefusedJob> refused = Outbox.refused(connection, 10);
            assertThat(refused)
                    .extracting(RefusedJob::id)
                    .containsExactlyInAnyOrder(large.id(), "nonsense", "endless2");
            assertThat(Outbox.refused(connection, 2)).isEqualTo(refused.subList(0, 2));
            RefusedJob one =
                    refused.stream().filter(job -> job.id().equals(large.id())).findFirst().get();
            assertThat(one.queue()).isEqualTo("small");
            assertThat(one.enqueued()).isBetween(before, Instant.now().plusSeconds(1));
            assertThat(one.reason()).contains("the limit is 1000");

            assertThat(Outbox.discard(connection, "nonsense")).isTrue();
            assertThat(Outbox.discard(connection, "nonsense")).isFalse();
            assertThat(Outbox.discard(connection, "endless2")).isTrue();
            millstream.commit(
                    new Operation.Define(
                            Definition.Queue.of(ChannelName.of("small")),
                            Expect.Anything.ANYTHING));
            assertThat(Outbox.retry(connection, "nonsense")).isFalse();
            assertThat(Outbox.retry(connection)).isOne();
            connection.commit();
        }
        awaitRelayed();
        await(() -> counts("small").messages() == 1);
        assertThat(database().count("millstream_outbox WHERE refused = 1")).isZero();
    }

    private void insert(String id, String job) throws SQLException {
        database()
                .run(
                        "INSERT INTO millstream_outbox"
                                + " (refused, placed_at, job_id, form, queue_name, job) VALUES (0,"
                                + " 1764286000000000, '%s', 1, 'orders', '%s')".formatted(id, job));
    }

    @Test
    void a_form_that_is_newer_is_left_to_those_who_know_it() throws SQLException {
        insert("newer", "?");
        database().run("UPDATE millstream_outbox SET form = 2");
        enqueue(CHARGE, order(1));
        Relay relay = relay();
        await(() -> relay.relayed() == 1 && database().waiting() == 1);

        assertThat(relay.refused()).isZero();
    }

    // The relay.

    @Test
    void a_relay_says_what_waits_and_since_when() throws SQLException {
        Relay relay = open(jobs.relay(database().source()).start());
        relay.close();
        Instant before = Instant.now().minusMillis(1);
        enqueue(CHARGE, order(1));
        enqueue(CHARGE, order(2));

        OutboxLook look = relay.look();

        assertThat(look.waiting()).isEqualTo(2);
        assertThat(look.oldest()).isBetween(before, Instant.now());
        assertThat(look.refused()).isZero();
    }

    @Test
    void a_relay_that_was_closed_relays_no_more() throws SQLException {
        Relay first = relay();
        enqueue(CHARGE, order(1));
        awaitRelayed();
        first.close();
        enqueue(CHARGE, order(2));
        Relay second = relay();
        awaitRelayed();

        assertThat(first.relayed()).isOne();
        assertThat(second.relayed()).isOne();
        assertThat(orders("orders")).containsExactly(1, 2);
    }

    @Test
    void without_its_table_a_relay_waits_and_goes_on_when_it_is_there() throws SQLException {
        database().run("DROP TABLE millstream_outbox");
        Relay relay = relay();
        await(() -> relay.trouble().isPresent());
        database().renew();
        enqueue(CHARGE, order(1));
        awaitRelayed();

        await(() -> relay.trouble().isEmpty());
        assertThat(orders("orders")).containsExactly(1);
    }

    @Test
    void of_two_relays_one_relays_and_the_other_goes_on_when_it_stops() throws SQLException {
        Relay first = relay();
        await(first::isActive);
        Relay second = relay();
        await(() -> second.isActive());
        for (int number = 0; number < 50; number++) {
            enqueue(CHARGE, order(number));
        }
        awaitRelayed();
        await(() -> !first.isActive());
        assertThat(second.isActive()).isTrue();
        second.close();
        enqueue(CHARGE, order(50));
        awaitRelayed();

        assertThat(orders("orders"))
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(0, 50).boxed().toList());
        assertThat(first.isActive()).isTrue();
    }

    @Test
    void two_outboxes_of_one_store_are_two() throws SQLException {
        try (OutboxDatabase other = OutboxDatabase.h2()) {
            other.renew();
            relay();
            Relay second = relayOf(other);
            try (Connection connection = other.transaction()) {
                jobs.in(connection).enqueue(CHARGE, order(1));
                connection.commit();
            }
            enqueue(CHARGE, order(2));
            awaitRelayed();
            await(() -> other.waiting() == 0);
            second.close();

            assertThat(orders("orders")).containsExactlyInAnyOrder(1, 2);
            assertThat(rows(Baton.TABLE)).hasSize(2);
        }
    }

    @Test
    void a_damaged_baton_stops_relaying_and_is_named() throws SQLException {
        relay();
        enqueue(CHARGE, order(1));
        awaitRelayed();
        jobs.close();
        String outbox = rows(Baton.TABLE).getFirst().key();
        millstream.commit(
                new Operation.Write(
                        Baton.TABLE, outbox, Bytes.utf8("?"), Expect.Anything.ANYTHING, null));
        Relay relay = relay();
        await(() -> relay.trouble().isPresent());

        assertThat(relay.trouble().orElseThrow()).contains(outbox, "jobs.outbox");
        millstream.commit(
                new Operation.Write(Baton.TABLE, outbox, null, Expect.Anything.ANYTHING, null));
        enqueue(CHARGE, order(2));
        awaitRelayed();
    }

    // The table.

    @Test
    void making_the_table_twice_changes_nothing_and_spoils_no_transaction() throws SQLException {
        enqueue(CHARGE, order(1));
        committed(connection -> {
            Outbox.create(connection);
            jobs.in(connection).enqueue(CHARGE, order(2));
        });
        try (Connection connection = database().source().getConnection()) {
            Outbox.create(connection);
        }

        assertThat(database().waiting()).isEqualTo(2);
    }

    @Test
    void a_missing_table_is_an_error() throws SQLException {
        database().run("DROP TABLE millstream_outbox");
        try (Connection connection = database().transaction()) {
            assertThatThrownBy(() -> jobs.in(connection).enqueue(CHARGE, order(7)))
                    .isInstanceOf(SQLException.class);
        }
    }
}
