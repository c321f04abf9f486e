package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Header;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Topics keep what is appended, in order, for any number of readers.
public abstract class TopicContract extends TopicFixture {

    // Appending and reading.

    @Test
    void records_are_read_in_the_order_in_which_they_were_appended() {
        assertThat(append("1", "2")).isEqualTo(new Effect.Appended(0, 1));
        assertThat(append("3")).isEqualTo(new Effect.Appended(2, 2));

        List<TopicRecord> records = read(readFrom(0), 3);

        assertThat(textsOf(records)).containsExactly("1", "2", "3");
        assertThat(records).extracting(TopicRecord::offset).containsExactly(0L, 1L, 2L);
        assertThat(records).extracting(TopicRecord::partition).containsOnly(0);
    }

    @Test
    void every_reader_reads_everything() {
        append("1", "2");

        assertThat(textsOf(read(readFrom(0), 2))).containsExactly("1", "2");
        assertThat(textsOf(read(readFrom(0), 2))).containsExactly("1", "2");
        assertThat(textsOf(read(readFrom(1), 1))).containsExactly("2");
    }

    @Test
    void a_record_comes_back_as_it_was_appended() {
        Message message =
                Message.builder("body")
                        .key(Bytes.utf8("key"))
                        .header("text", "value")
                        .header(new Header("bytes", Header.BYTES, Bytes.of(new byte[] {0, -1})))
                        .header(new Header("number", "number.int", Bytes.utf8("7")))
                        .id("id")
                        .type("type")
                        .contentType("text/plain")
                        .correlationId("correlation")
                        .replyTo("reply")
                        .group("group")
                        .priority(3)
                        .delay(SECOND)
                        .timeToLive(LONG)
                        .trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                        .time(Instant.ofEpochMilli(1_700_000_000_123L))
                        .build();
        Message plain = Message.of("plain");
        Message odd =
                Message.builder("odd")
                        .header(new Header("millstream", Header.BYTES, Bytes.utf8("mine")))
                        .build();
        commit(new Operation.Append(events, 0, List.of(message, plain, odd), null));

        assertThat(read(readFrom(0), 3))
                .extracting(TopicRecord::message)
                .containsExactly(message, plain, odd);
    }

    @Test
    void a_record_says_when_it_was_stored() {
        Instant stored = now();
        append("1");
        advance(SECOND);

        assertThat(read(readFrom(0), 1).getFirst().stored()).isEqualTo(stored);
    }

    @Test
    void a_read_gives_as_many_as_it_is_asked_for() {
        append("1", "2", "3");
        TopicReader reader = readFrom(0);

        assertThat(textsOf(next(reader, 2))).containsExactly("1", "2");
        assertThat(textsOf(next(reader, 2))).containsExactly("3");
    }

    @Test
    void a_read_of_few_bytes_gives_one_record_at_least() {
        append("a long one", "another");

        assertThat(records(readFrom(0).next(10, 1, LONG)).records()).isNotEmpty();
    }

    @Test
    void a_reader_waits_for_what_is_appended_next() {
        Pending<Fetched> waiting = readFrom(0).next(10, PLENTY, LONG);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();

        append("1");

        assertThat(textsOf(records(waiting).records())).containsExactly("1");
    }

    @Test
    void a_read_that_has_waited_in_vain_gives_nothing_and_the_reader_goes_on() {
        TopicReader reader = readFrom(0);
        Pending<Fetched> waiting = reader.next(10, PLENTY, SECOND);
        advance(SECOND.plusMillis(1));

        assertThat(records(waiting).records()).isEmpty();
        append("1");
        assertThat(textsOf(next(reader, 1))).containsExactly("1");
    }

    @Test
    void a_read_without_a_wait_answers_at_once() {
        assertThat(records(readFrom(0).next(10, PLENTY, Duration.ZERO)).records()).isEmpty();
    }

    @Test
    void a_read_that_is_called_off_gives_nothing() {
        Pending<Fetched> waiting = readFrom(0).next(10, PLENTY, LONG);

        waiting.cancel();

        assertThat(records(waiting).records()).isEmpty();
    }

    @Test
    void a_reader_makes_one_call_after_the_other() {
        TopicReader reader = readFrom(0);
        Pending<Fetched> waiting = reader.next(10, PLENTY, LONG);

        assertThatThrownBy(() -> reader.next(10, PLENTY, LONG))
                .isInstanceOf(IllegalStateException.class);
        waiting.cancel();
        await(waiting.stage());
    }

    @Test
    void closing_a_reader_ends_its_call() {
        TopicReader reader = readFrom(0);
        Pending<Fetched> waiting = reader.next(10, PLENTY, LONG);

        reader.close();

        assertThat(records(waiting).records()).isEmpty();
        assertThatThrownBy(() -> reader.next(10, PLENTY, LONG))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closing_a_session_ends_the_calls_of_its_readers() {
        Pending<Fetched> waiting = readFrom(0).next(10, PLENTY, LONG);

        session().close();

        assertThat(records(waiting).records()).isEmpty();
    }

    @Test
    void reading_begins_at_a_time() {
        append("early");
        advance(SECOND);
        Instant time = now();
        append("late");
        advance(SECOND);
        append("later");

        TopicReader reader = session().read(new From.Time(events, 0, time));

        assertThat(textsOf(read(reader, 2))).containsExactly("late", "later");
    }

    @Test
    void reading_begins_at_the_farthest_time_and_waits_for_ever() {
        append("early");

        TopicReader reader = session().read(new From.Time(events, 0, Instant.MIN));
        Pending<Fetched> fetched = reader.next(1, PLENTY, ChronoUnit.FOREVER.getDuration());

        assertThat(textsOf(records(fetched).records())).containsExactly("early");
    }

    @Test
    void reading_from_a_time_to_come_waits_for_it() {
        append("early");
        advance(SECOND);
        TopicReader reader = session().read(new From.Time(events, 0, now()));
        Pending<Fetched> waiting = reader.next(10, PLENTY, LONG);

        append("late");

        assertThat(textsOf(records(waiting).records())).containsExactly("late");
    }

    @Test
    void reading_beyond_the_end_is_refused() {
        append("1");

        assertThat(refusal(readFrom(2).next(1, PLENTY, LONG))).isInstanceOf(Refusal.Invalid.class);
    }

    @Test
    void reading_what_is_not_there_is_refused() {
        TopicReader nowhere = session().read(new From.Offset(ChannelName.of("nowhere"), 0, 0));
        TopicReader partition = session().read(new From.Offset(events, 1, 0));

        assertThat(refusal(nowhere.next(1, PLENTY, LONG)))
                .isEqualTo(new Refusal.NoSuchChannel(ChannelName.of("nowhere")));
        assertThat(refusal(partition.next(1, PLENTY, LONG))).isInstanceOf(Refusal.Invalid.class);
    }

    @Test
    void appending_where_nothing_is_is_refused() {
        ChannelName nowhere = ChannelName.of("nowhere");

        refusal(Refusal.NoSuchChannel.class, appending(nowhere, 0, "1"));
        refusal(Refusal.Invalid.class, appending(events, 1, "1"));
        refusal(Refusal.Invalid.class, appending(events, -1, "1"));
    }

    @Test
    void partitions_are_counted_by_themselves() {
        define(Definition.Topic.of(events).withPartitions(2));

        commit(appending(events, 0, "a"), appending(events, 1, "b"), appending(events, 1, "c"));

        assertThat(partition(0).end()).isEqualTo(1);
        assertThat(partition(1).end()).isEqualTo(2);
        assertThat(textsOf(read(session().read(new From.Offset(events, 1, 0)), 2)))
                .containsExactly("b", "c");
    }

    @Test
    void appends_of_one_commit_happen_together_or_not_at_all() {
        refused(appending(events, 0, "1"), appending(ChannelName.of("nowhere"), 0, "2"));

        assertThat(partition(0).end()).isZero();
        commit(appending(events, 0, "1"), appending(events, 0, "2", "3"));
        assertThat(textsOf(read(readFrom(0), 3))).containsExactly("1", "2", "3");
    }

    // Definitions.

    @Test
    void a_topic_and_a_queue_cannot_have_the_same_name() {
        needs(Feature.QUEUES);
        refusal(Refusal.Invalid.class, defining(Definition.Queue.of(events)));
        ChannelName mail = define("mail");
        refusal(Refusal.Invalid.class, defining(Definition.Topic.of(mail)));
    }

    @Test
    void a_topic_grows_and_does_not_shrink() {
        append("1");
        define(Definition.Topic.of(events).withPartitions(3));

        assertThat(topic().partitions()).hasSize(3);
        refusal(Refusal.Invalid.class, defining(Definition.Topic.of(events).withPartitions(2)));
    }

    @Test
    void a_definition_is_changed_by_its_version() {
        long version = topic().version();
        Definition.Topic other = Definition.Topic.of(events).withPartitions(2);

        refusal(
                Refusal.Conflict.class,
                new Operation.Define(other, new Expect.Version(version + 1)));
        commit(new Operation.Define(other, new Expect.Version(version)));

        assertThat(topic().version()).isGreaterThan(version);
        assertThat(topic().definition()).isEqualTo(other);
    }

    @Test
    void what_was_decided_by_a_definition_is_done_only_while_it_holds() {
        Operation asItIs =
                new Operation.CheckDefinition(events, new Expect.Version(topic().version()));
        commit(asItIs, appending(events, 0, "1"));

        define(Definition.Topic.of(events).withPartitions(2));

        assertThat(refusal(Refusal.Conflict.class, asItIs).version()).isEqualTo(topic().version());
        assertThat(refused(appending(events, 0, "2"), asItIs).operation()).isOne();
        commit(removing(events));
        assertThat(refusal(Refusal.Conflict.class, asItIs).version()).isZero();
        define(Definition.Topic.of(events));
        refusal(Refusal.Conflict.class, asItIs);
        assertThat(partition(0).end()).isZero();
    }

    @Test
    void a_definition_is_checked_as_the_commit_has_made_it() {
        needs(Feature.QUEUES, Feature.ATOMIC_COMMIT);
        ChannelName mail = define("mail");
        Operation nothing =
                new Operation.CheckDefinition(ChannelName.of("nowhere"), Expect.Nothing.NOTHING);

        commit(nothing, new Operation.CheckDefinition(mail, Expect.Anything.ANYTHING));
        commit(
                removing(mail),
                new Operation.CheckDefinition(mail, Expect.Nothing.NOTHING),
                removing(events),
                new Operation.CheckDefinition(events, Expect.Nothing.NOTHING));

        refusal(Refusal.Conflict.class, new Operation.CheckDefinition(mail, new Expect.Version(1)));
    }

    @Test
    void topics_are_listed_by_name() {
        needs(Feature.QUEUES);
        define(Definition.Topic.of(ChannelName.of("events.b")));
        define(Definition.Topic.of(ChannelName.of("other")));
        define("events.queue");

        var page = find(new Query.Topics(events.host(), "events", null, 1));
        assertThat(page.items()).hasSize(1);
        var rest = find(new Query.Topics(events.host(), "events", page.next(), 10));

        assertThat(rest.items())
                .extracting(view -> view.definition().name().name())
                .containsExactly("events.b");
    }

    @Test
    void a_topic_that_is_removed_ends_its_readers() {
        Pending<Fetched> waiting = readFrom(0).next(1, PLENTY, LONG);

        commit(removing(events));

        assertThat(refusal(waiting)).isEqualTo(new Refusal.NoSuchChannel(events));
        assertThat(find(new Query.TopicNamed(events)).items()).isEmpty();
        refusal(Refusal.NoSuchChannel.class, appending(events, 0, "1"));
    }

    @Test
    void a_topic_that_comes_again_begins_anew_and_is_nothing_to_readers_of_the_old_one() {
        needs(Feature.ATOMIC_COMMIT);
        append("1");
        TopicReader old = readFrom(0);
        assertThat(next(old, 1)).hasSize(1);

        commit(removing(events), defining(Definition.Topic.of(events)));

        assertThat(append("2")).isEqualTo(new Effect.Appended(0, 0));
        assertThat(refusal(old.next(1, PLENTY, LONG))).isEqualTo(new Refusal.NoSuchChannel(events));
        assertThat(textsOf(read(readFrom(0), 1))).containsExactly("2");
    }

    @Test
    void topics_are_among_the_definitions_that_are_watched() {
        List<Change> changes = new CopyOnWriteArrayList<>();
        session().watch(new Interest.Definitions(), changes::add);
        eventually(() -> changes.size() == 1);
        assertThat(changes.getFirst()).isEqualTo(new Change.Snapshot(List.of(topic())));

        define(Definition.Topic.of(events).withPartitions(2));
        commit(removing(events));

        eventually(() -> changes.size() == 3);
        assertThat(changes.get(1)).isInstanceOf(Change.Defined.class);
        assertThat(changes.get(2)).isEqualTo(new Change.Removed(events));
    }

    // Restarts, and both kinds together.

    @Test
    void records_outlive_a_restart() {
        append("1", "2");
        append("3");

        restart();

        assertThat(textsOf(read(readFrom(0), 3))).containsExactly("1", "2", "3");
        assertThat(append("4")).isEqualTo(new Effect.Appended(3, 3));
    }

    @Test
    void a_message_is_worked_and_its_event_appended_in_one_commit() {
        needs(Feature.QUEUES, Feature.ATOMIC_COMMIT);
        ChannelName mail = define("mail");
        put(mail, "job");
        Lease job = takeOne(mail);

        commit(finishing(job), appending(events, 0, "done"));

        assertThat(counts(mail).done()).isEqualTo(1);
        assertThat(textsOf(read(readFrom(0), 1))).containsExactly("done");
        refused(finishing(job), appending(events, 0, "done twice"));
        assertThat(partition(0).end()).isEqualTo(1);
    }
}
