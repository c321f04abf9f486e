package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Take;
import io.millstream.api.Term;
import io.millstream.api.View;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the books hold for possible where nobody was told of what a message died, and what not.
/// Nothing is left in any queue: the counts alone tell.
class ReckoningTest {
    private static final long BEFORE = 1_000_000;
    private static final long NOW = BEFORE + 1000;
    private static final ChannelName WORK = new ChannelName(BookWishes.HOST, "work");
    private static final ChannelName TOMB = new ChannelName(BookWishes.HOST, "tomb");
    private static final Take TAKE =
            Take.of(WORK, 1, new Term.Timed(Duration.ofMillis(1)), Duration.ZERO);

    private final Ledger ledger = new Ledger();
    private final Map<ChannelName, View.QueueCounts> counts = new TreeMap<>();

    ReckoningTest() {
        ledger.now = BEFORE;
    }

    // Seed 930000000699, before files were written in small steps.
    @Test
    void what_was_dead_lettered_for_one_of_two_causes_expires_where_it_came_to() {
        workWithTomb(Duration.ofMillis(800));
        overdue("a");
        seen(WORK, 1, 1, 0);
        seen(TOMB, 1, 0, 1);
        reckon(TAKE);
        assertThat(ledger.size()).isZero();
    }

    @Test
    void what_expired_where_it_came_to_is_not_told_as_dead() {
        workWithTomb(Duration.ofMillis(800));
        overdue("a");
        seen(WORK, 1, 1, 0);
        seen(TOMB, 1, 1, 0);
        assertBroken(TAKE, "1 stored, 0 done, 0 dead, 1 expired");
    }

    @Test
    void what_died_the_first_time_does_not_go_round() {
        workWithTomb(Duration.ofMillis(800));
        overdue("a");
        seen(WORK, 1, 1, 0);
        seen(TOMB, 0, 0, 0);
        assertBroken(TAKE, "1 stored, 0 done, 0 dead, 1 expired");
    }

    @Test
    void what_has_an_unknown_past_went_round_or_went_on() {
        workWithTomb(Duration.ofMillis(800));
        overdue("a").vague = true;
        overdue("b").vague = true;
        seen(WORK, 2, 2, 0);
        seen(TOMB, 1, 0, 1);
        reckon(null);
        assertThat(ledger.size()).isZero();
    }

    @Test
    void what_went_on_is_not_told_as_expired_where_nothing_expires() {
        workWithTomb(null);
        overdue("a").vague = true;
        seen(WORK, 1, 1, 0);
        seen(TOMB, 1, 0, 1);
        assertBroken(null, "1 stored, 0 done, 1 dead, 0 expired");
    }

    @Test
    void a_last_attempt_that_nobody_heard_of_or_its_age_ended_it() {
        for (int dead = 0; dead < 2; dead++) {
            ledger.books.clear();
            defined(Definition.Queue.builder(WORK).maxAttempts(1));
            overdue("a");
            seen(WORK, 1, dead, 1 - dead);
            reckon(TAKE);
            assertThat(ledger.book(WORK).dead).isEqualTo(dead);
        }
    }

    @Test
    void an_attempt_that_was_not_the_last_did_not_end_it() {
        defined(Definition.Queue.builder(WORK).maxAttempts(2));
        overdue("a");
        seen(WORK, 1, 1, 0);
        assertBroken(TAKE, "1 stored, 0 done, 0 dead, 1 expired");
    }

    @Test
    void one_unknown_death_excuses_no_later_one() {
        defined(Definition.Queue.builder(WORK).maxAttempts(1));
        overdue("a");
        seen(WORK, 1, 0, 1);
        reckon(TAKE);
        overdue("b");
        seen(WORK, 2, 1, 1);
        assertBroken(null, "2 stored, 0 done, 0 dead, 2 expired");
    }

    @Test
    void what_was_used_up_came_to_the_dead_letters_before_its_own_end() {
        workWithTomb(Duration.ofMillis(800));
        Booked used = message("a", BEFORE + 900);
        used.deliveries = 1;
        used.attempts = 1;
        seen(WORK, 1, 1, 0);
        seen(TOMB, 1, 0, 1);
        reckon(null);
        assertThat(ledger.size()).isZero();
    }

    // Queues, messages, and what is seen of them.

    private void workWithTomb(Duration tombLives) {
        defined(Definition.Queue.builder(WORK).maxAttempts(1).deadLetter(TOMB));
        defined(Definition.Queue.builder(TOMB).timeToLive(tombLives));
    }

    private void defined(QueueBuilder queue) {
        Definition.Queue definition = queue.build();
        ledger.books.put(definition.name(), new Book(definition));
    }

    private Booked overdue(String id) {
        return message(id, BEFORE - 1);
    }

    private Booked message(String id, long expires) {
        Book work = ledger.book(WORK);
        Message message = Message.builder(Bytes.of(new byte[8])).id(id).build();
        Booked booked = new Booked(message, 1, ++work.stored, BEFORE - 5000);
        booked.expires = expires;
        work.messages.add(booked);
        return booked;
    }

    private void seen(ChannelName queue, long stored, long dead, long expired) {
        counts.put(queue, new View.QueueCounts(0, 0, 0, 0, stored, 0, dead, expired, 0));
    }

    private void reckon(Take unheard) {
        Map<ChannelName, View.QueueView> queues = new TreeMap<>();
        Map<ChannelName, List<View.MessageView>> nothing = new TreeMap<>();
        ledger.books.forEach((name, book) -> {
            Instant created = Instant.ofEpochMilli(BEFORE - 9000);
            View.QueueView view =
                    new View.QueueView(book.definition, 1, 1, created, created, counts.get(name));
            queues.put(name, view);
            nothing.put(name, List.of());
        });
        Reckoning.afterRestart(ledger, new Look(queues, nothing, nothing, NOW), 0, unheard);
    }

    private void assertBroken(Take unheard, String mustBe) {
        assertThatThrownBy(() -> reckon(unheard))
                .isInstanceOf(PromiseBroken.class)
                .hasMessageContaining(mustBe);
    }
}
