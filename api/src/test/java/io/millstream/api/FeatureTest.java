package io.millstream.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What asks for which features, where the contracts do not show it.
class FeatureTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final ChannelName OTHER = ChannelName.of("other");
    private static final Handle HANDLE = new Handle(MAIL, 1, 1, new Fence(1, 1));
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Operation putting(ChannelName queue) {
        return new Operation.Put(queue, Message.of("hello"));
    }

    private static Operation writing(String table, String key) {
        return new Operation.Write(table, key, Bytes.EMPTY, Expect.Anything.ANYTHING, null);
    }

    private static Set<Feature> queue(UnaryOperator<QueueBuilder> with) {
        Definition queue = with.apply(Definition.Queue.builder(MAIL)).build();
        return Feature.askedBy(queue);
    }

    @Test
    void what_is_plain_asks_for_queues_only() {
        assertThat(Feature.askedBy(putting(MAIL))).containsExactly(Feature.QUEUES);
        assertThat(queue(UnaryOperator.identity())).containsExactly(Feature.QUEUES);
        assertThat(Feature.askedBy(Take.of(MAIL, 1, new Term.Timed(SECOND), SECOND)))
                .containsExactly(Feature.QUEUES);
        assertThat(Feature.askedBy(new Operation.Check(HANDLE))).containsExactly(Feature.QUEUES);
        assertThat(Feature.askedBy(Commit.of(putting(MAIL)))).isEmpty();
    }

    @Test
    void a_message_asks_for_each_thing_that_is_special_about_it() {
        Message message =
                Message.builder("hello")
                        .delay(SECOND)
                        .timeToLive(SECOND)
                        .group("g")
                        .priority(1)
                        .type("t")
                        .deduplication("d")
                        .build();

        assertThat(Feature.askedBy(message))
                .containsExactlyInAnyOrder(
                        Feature.DELAY, Feature.TIME_TO_LIVE, Feature.GROUPS, Feature.PRIORITY);
        assertThat(Feature.askedBy(new Operation.Append(MAIL, 0, List.of(message), null)))
                .as("which means nothing in a topic")
                .containsExactly(Feature.TOPICS);
        assertThat(
                        Feature.askedBy(
                                new Operation.Publish(
                                        MAIL, "", message, Operation.WhenFull.REFUSE)))
                .contains(Feature.ROUTING, Feature.DELAY, Feature.GROUPS)
                .doesNotContain(Feature.QUEUES);
    }

    @Test
    void the_standard_order_of_groups_asks_for_nothing_and_any_other_meaning_does() {
        assertThat(queue(queue -> queue.groups(Groups.ORDERED))).containsExactly(Feature.QUEUES);
        assertThat(queue(queue -> queue.groups(Groups.IGNORED))).containsExactly(Feature.QUEUES);
        for (Groups groups : List.of(Groups.ORDERED_SINGLY, Groups.FAIR, Groups.FAIR_ORDERED)) {
            assertThat(queue(queue -> queue.groups(groups))).contains(Feature.GROUPS);
        }
        assertThat(queue(queue -> queue.weights(Map.of("g", 2)))).contains(Feature.GROUPS);
    }

    @Test
    void a_limit_of_any_kind_asks_for_limits() {
        Limits.Each one = Limits.Each.of(Limit.concurrency(1));
        assertThat(queue(queue -> queue.limits(Limits.NONE.withRate(Rate.of(1, SECOND)))))
                .contains(Feature.LIMITS)
                .doesNotContain(Feature.TYPES);
        assertThat(queue(queue -> queue.limits(Limits.NONE.withGroups(one))))
                .contains(Feature.LIMITS);
        assertThat(queue(queue -> queue.typed(true).limits(Limits.NONE.withTypes(one))))
                .contains(Feature.LIMITS, Feature.TYPES);
    }

    @Test
    void a_delaying_exchange_asks_for_delays() {
        Definition.Exchange exchange = Definition.Exchange.of(MAIL, ExchangeKind.FANOUT);

        assertThat(Feature.askedBy(exchange)).containsExactly(Feature.ROUTING);
        assertThat(Feature.askedBy(exchange.withDelayed(true)))
                .containsExactlyInAnyOrder(Feature.ROUTING, Feature.DELAY);
    }

    @Test
    void a_retry_asks_for_its_wait_and_no_other_outcome_for_anything() {
        for (Outcome outcome : List.of(Outcome.done(), Outcome.retry(), Outcome.dead("bad"))) {
            assertThat(Feature.askedBy(settling(outcome))).containsExactly(Feature.QUEUES);
        }
        assertThat(Feature.askedBy(settling(Outcome.retry(SECOND)))).contains(Feature.RETRY_AFTER);
    }

    private static Operation settling(Outcome outcome) {
        return new Operation.Settle(HANDLE, outcome, Operation.Stale.REFUSE);
    }

    @Test
    void a_commit_asks_to_be_atomic_if_it_is_about_more_than_one_thing() {
        Operation move = new Operation.Edit.Move(MAIL, OTHER, 1);
        for (Commit narrow :
                List.of(
                        Commit.of(putting(MAIL), putting(MAIL), settling(Outcome.done())),
                        Commit.of(writing("t", "a"), writing("t", "a")),
                        Commit.of(move))) {
            assertThat(Feature.askedBy(narrow)).isEmpty();
        }
        for (Commit wide :
                List.of(
                        Commit.of(putting(MAIL), putting(OTHER)),
                        Commit.of(putting(OTHER), settling(Outcome.done())),
                        Commit.of(writing("t", "a"), writing("t", "b")),
                        Commit.of(writing("t", "a"), putting(MAIL)),
                        Commit.of(move, move),
                        Commit.of(
                                new Operation.Publish(
                                        MAIL, "", Message.of(""), Operation.WhenFull.REFUSE),
                                putting(MAIL)))) {
            assertThat(Feature.askedBy(wide)).containsExactly(Feature.ATOMIC_COMMIT);
        }
    }

    @Test
    void a_commit_with_an_id_asks_for_that() {
        Commit commit = new Commit(CommitId.of("1"), List.of(putting(MAIL)));

        assertThat(Feature.askedBy(commit)).containsExactly(Feature.COMMIT_IDS);
    }

    @Test
    void a_reader_asks_for_topics_wherever_it_begins() {
        assertThat(Feature.askedBy(new From.Offset(MAIL, 0, 0))).containsExactly(Feature.TOPICS);
        assertThat(Feature.askedBy(new From.Time(MAIL, 0, Instant.EPOCH)))
                .containsExactly(Feature.TOPICS);
    }
}
