package io.millstream.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.Capabilities;
import io.millstream.api.Capacity;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Fence;
import io.millstream.api.Fetched;
import io.millstream.api.Filter;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Groups;
import io.millstream.api.Handle;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Longest;
import io.millstream.api.Message;
import io.millstream.api.Network;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Rate;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Retention;
import io.millstream.api.SessionSpec;
import io.millstream.api.Support;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Target;
import io.millstream.api.Term;
import io.millstream.api.TopicRecord;
import io.millstream.api.Via;
import io.millstream.api.View;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// Holds the form still: `examples.txt` is what others have in their programs and on their disks. A
/// line of it may be added and never changed.
class GoldenTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.5Z");
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final ChannelName ORDERS = ChannelName.of("orders");
    private static final Handle HANDLE = new Handle(MAIL, 1, 17, new Fence(3, 4711));
    private static final BindingName BINDING =
            new BindingName(ORDERS, new Target.Channel(MAIL), "*.new", "");

    private static final View.QueueView QUEUE_VIEW =
            new View.QueueView(
                    Definition.Queue.of(MAIL),
                    1,
                    7,
                    Instant.EPOCH,
                    NOW,
                    new View.QueueCounts(1, 2, 3, 4, 5, 6, 7, 8, 9));
    private static final Refusal NONE = new Refusal.NoSuchChannel(MAIL);

    private final List<String> written = new ArrayList<>();

    private <T> void example(Form<T> form, T value) {
        byte[] json = form.write(value);
        assertThat(form.read(json)).isEqualTo(value);
        written.add(new String(json, StandardCharsets.UTF_8));
    }

    @Test
    void what_is_written_is_what_it_always_was() throws IOException {
        messages();
        operations();
        definitions();
        answers();
        takesAndConsumers();
        looks();
        watchesAndTopics();
        example(Forms.SESSION, new SessionSpec("worker 3", Map.of("peer", "10.0.0.7")));
        example(
                Forms.CAPABILITIES,
                new Capabilities(
                        "engine",
                        Map.of(
                                Feature.QUEUES,
                                Support.Native.NATIVE,
                                Feature.DELAY,
                                new Support.Emulated("by polling", "a second"),
                                Feature.REPLAY,
                                new Support.None("It has no log.", "Put it again.")),
                        16L << 20,
                        32L << 20,
                        Longest.CENTURY,
                        Capabilities.Durability.LOCAL_SYNC));
        example(Forms.OPENED, new Opened("kq3Jd9sXnq1LrYw8VtTzKg", Duration.ofSeconds(60)));
        example(
                Forms.PROBLEM,
                new Problem(
                        "urn:millstream:malformed",
                        "Malformed",
                        400,
                        "$[0].id is null. Leave it out, or give a text of 1 to 255 characters.",
                        "$[0].id"));
        example(Forms.PROBLEM, new Problem("about:blank", "Not Found", 404, "Nothing.", null));

        assertThat(String.join("\n", written) + "\n").isEqualTo(examples());
    }

    @Test
    void each_word_that_tells_what_something_is_has_an_example() throws IOException {
        String examples = examples();
        List<String> missing =
                Stream.of(
                                OperationForm.class,
                                OutcomeMembers.class,
                                DefinitionForm.class,
                                FilterForm.class,
                                ReceiptForm.class,
                                RefusalForm.class,
                                TakeForm.class,
                                TermMembers.class,
                                QueryForm.class,
                                FoundForm.class,
                                ViewForm.class,
                                WatchForm.class,
                                TopicForm.class,
                                CapabilitiesForm.class)
                        .flatMap(form -> Stream.of(form.getDeclaredClasses()))
                        .filter(Class::isEnum)
                        .flatMap(words -> Stream.of(words.getEnumConstants()))
                        .map(word -> "\"" + Kinds.word((Enum<?>) word) + "\"")
                        .filter(word -> !examples.contains(word))
                        .toList();
        assertThat(missing).isEmpty();
    }

    private static String examples() throws IOException {
        try (InputStream in = GoldenTest.class.getResourceAsStream("examples.txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void messages() {
        example(Forms.MESSAGE, Message.of("hi"));
        example(Forms.MESSAGE, Message.of(Bytes.of(new byte[] {0, (byte) 0xFF})));
        example(
                Forms.MESSAGE,
                Message.builder("{\"order\":7}")
                        .id("m-1")
                        .type("mail.send#2")
                        .contentType("application/json")
                        .correlationId("c-1")
                        .replyTo("answers")
                        .group("customer-7")
                        .deduplication("order-7")
                        .priority(3)
                        .delay(Duration.ofSeconds(90))
                        .timeToLive(Duration.ofNanos(1_500_000))
                        .trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                        .time(NOW)
                        .key(Bytes.utf8("7"))
                        .header("tenant", "blue")
                        .header(new Header("count", "number.int", Bytes.utf8("7")))
                        .header(new Header("raw", "bytes", Bytes.of(new byte[] {0})))
                        .build());
    }

    private void operations() {
        example(
                Forms.COMMIT,
                new Commit(
                        CommitId.of("c-1"),
                        List.of(
                                new Operation.Put(MAIL, Message.of("hi")),
                                new Operation.Put(
                                        new ChannelName("blue", "mail"),
                                        Message.of(""),
                                        Operation.IfDuplicate.REFUSE))));
        Operation put = new Operation.Put(MAIL, Message.of("hi"));
        example(Forms.COMMIT, new Commit(new CommitId("kq3Jd9sX", 7, 7), List.of(put)));
        example(Forms.COMMIT, new Commit(new CommitId("kq3Jd9sX", 9, 7), List.of(put)));
        example(Forms.OPERATION, new Operation.Append(ORDERS, 2, List.of(Message.of("a")), 7L));
        example(
                Forms.OPERATION,
                new Operation.Publish(ORDERS, "eu.new", Message.of("a"), Operation.WhenFull.SKIP));
        example(Forms.OPERATION, new Operation.Remove(MAIL, new Expect.Version(7)));
        example(
                Forms.OPERATION,
                new Operation.RemoveExchange(ORDERS, true, Expect.Anything.ANYTHING));
        example(Forms.OPERATION, new Operation.Unbind(BINDING, Expect.Anything.ANYTHING));
        for (Outcome outcome :
                List.of(
                        Outcome.done(),
                        Outcome.retry(),
                        new Outcome.Retry(Duration.ofSeconds(5), false),
                        Outcome.dead("no such address"))) {
            example(Forms.OPERATION, new Operation.Settle(HANDLE, outcome, Operation.Stale.REFUSE));
        }
        example(
                Forms.OPERATION,
                new Operation.Settle(HANDLE, Outcome.done(), Operation.Stale.ACCEPT));
        example(Forms.OPERATION, new Operation.Extend(HANDLE, Duration.ofSeconds(30), true));
        example(Forms.OPERATION, new Operation.Check(HANDLE));
        example(Forms.OPERATION, new Operation.CheckDefinition(MAIL, Expect.Nothing.NOTHING));
        example(Forms.OPERATION, new Operation.Edit.Purge(MAIL));
        example(Forms.OPERATION, new Operation.Edit.Drop(MAIL, 17));
        example(Forms.OPERATION, new Operation.Edit.Drop(MAIL, 17, Operation.Edit.IfHeld.REFUSE));
        example(Forms.OPERATION, new Operation.Edit.Move(ChannelName.of("dead"), null, 100));
        example(Forms.OPERATION, new Operation.Edit.Replay(MAIL, Instant.EPOCH, NOW, 5, 100));
        example(
                Forms.OPERATION,
                new Operation.Write("users", "ann", Bytes.utf8("{}"), Expect.Nothing.NOTHING, NOW));
        example(
                Forms.OPERATION,
                new Operation.Write("users", "ann", null, new Expect.Version(3), null));
        example(Forms.OPERATION, new Operation.MoveCursor(ORDERS, 0, "report", 12));
        example(
                Forms.OPERATION,
                new Operation.Define(Definition.Queue.of(MAIL), Expect.Nothing.NOTHING));
    }

    private void definitions() {
        example(Forms.DEFINITION, Definition.Queue.of(MAIL));
        example(
                Forms.DEFINITION,
                Definition.Queue.builder(MAIL)
                        .maxAttempts(5)
                        .backOff(new BackOff(Duration.ofSeconds(1), 2, Duration.ofMinutes(1)))
                        .deadLetter(ChannelName.of("dead"))
                        .maxInFlight(10)
                        .groups(Groups.FAIR_ORDERED)
                        .weights(Map.of("gold", 3, "blue", 2))
                        .typed(true)
                        .limits(
                                new Limits(
                                        Rate.of(10, Duration.ofSeconds(1)),
                                        new Limits.Each(
                                                Limit.concurrency(2), Map.of("pdf", Limit.NONE)),
                                        Limits.Each.of(
                                                Limit.rate(
                                                        Rate.of(5, Duration.ofMinutes(1))
                                                                .withBurst(1)))))
                        .ageing(Duration.ofMinutes(1))
                        .deduplication(
                                new Deduplication(Duration.ofMinutes(5), Deduplication.Scope.GROUP))
                        .capacity(new Capacity(1000, 1 << 20, Capacity.Overflow.DROP_HEAD))
                        .messageBytesMax(1024)
                        .retention(Duration.ofDays(4))
                        .timeToLive(Duration.ofDays(1))
                        .unusedFor(Duration.ofDays(30))
                        .keepSettled(Duration.ofHours(1))
                        .singleActive(true)
                        .paused(true)
                        .lifecycle(ChannelName.of("told"))
                        .arguments(Map.of("sqs.VisibilityTimeout", "30"))
                        .build());
        example(Forms.DEFINITION, Definition.Topic.of(ORDERS));
        example(
                Forms.DEFINITION,
                new Definition.Topic(ORDERS, 4, Retention.forever(), 1000, Map.of("a", "b")));
        example(Forms.DEFINITION, Definition.Exchange.of(ORDERS, ExchangeKind.TOPIC));
        example(
                Forms.DEFINITION,
                new Definition.Exchange(
                        ORDERS, ExchangeKind.CONSISTENT_HASH, MAIL, true, "tenant", Map.of()));
        example(
                Forms.DEFINITION,
                Definition.Binding.of(BINDING)
                        .withMatch(HeaderMatch.any(Header.text("tenant", "blue")))
                        .withFilter(
                                Filter.onHeaders(
                                        Map.of("event", List.of("new", Map.of("prefix", "re_")))))
                        .withAdds(List.of(Header.text("via", "orders"))));
        example(Forms.DEFINITION, Definition.Binding.of(BINDING).withFilter(filter()));
    }

    private static Filter filter() {
        Filter.Rule any =
                new Filter.Rule.Any(
                        List.of(
                                new Filter.Rule.Field(
                                        "a",
                                        List.of(
                                                new Filter.Test.Suffix("s"),
                                                new Filter.Test.IgnoringCase("i"),
                                                new Filter.Test.Wildcard("w*"),
                                                new Filter.Test.Numeral(new BigDecimal("1.50")),
                                                new Filter.Test.Word(Filter.Literal.NULL),
                                                new Filter.Test.Exists(true),
                                                new Filter.Test.Exists(false)))));
        Filter.Rule inside =
                new Filter.Rule.Inside(
                        "b",
                        new Filter.Rule.Field(
                                "c",
                                List.of(
                                        new Filter.Test.Range(BigDecimal.ONE, true, null, false),
                                        new Filter.Test.InNetwork(new Network("10.0.0.0/24")),
                                        new Filter.Test.Except(
                                                List.of(new Filter.Test.Text("x"))))));
        return new Filter(Filter.Scope.BODY, new Filter.Rule.All(List.of(any, inside)));
    }

    private void answers() {
        example(
                Forms.RECEIPT,
                new Receipt.Committed(
                        NOW,
                        List.of(
                                new Receipt.Effect.Stored(17),
                                new Receipt.Effect.Duplicate(16),
                                new Receipt.Effect.Appended(5, 6),
                                new Receipt.Effect.Routed(
                                        List.of(
                                                new Receipt.Effect.Reached(
                                                        MAIL, 0, new Receipt.Effect.Stored(18))),
                                        List.of(new Refusal.IsFull(ORDERS, "10 messages")),
                                        true),
                                new Receipt.Effect.Changed(7),
                                new Receipt.Effect.Extended(NOW),
                                new Receipt.Effect.Settled(null),
                                new Receipt.Effect.Settled(ChannelName.of("dead")),
                                new Receipt.Effect.Edited(3),
                                new Receipt.Effect.Replayed(100, 105, true),
                                Receipt.Effect.Plain.PLAIN)));
        example(Forms.RECEIPT, new Receipt.Refused(NOW, 0, new Refusal.StaleFence(HANDLE)));
        for (Refusal refusal :
                List.of(
                        new Refusal.NoSuchChannel(MAIL),
                        new Refusal.NoSuchExchange(ORDERS),
                        new Refusal.Conflict("mail", 7),
                        new Refusal.IsFull(MAIL, "10 messages"),
                        new Refusal.Busy("Memory is short. Wait."),
                        new Refusal.Duplicate(16),
                        new Refusal.TooLarge("A message", 20, 10),
                        new Refusal.NotSupported(Feature.REPLAY),
                        new Refusal.Invalid("It has no name. Give it one."))) {
            example(Forms.REFUSAL, refusal);
        }
    }

    private void takesAndConsumers() {
        example(Forms.TAKE, Take.of(MAIL, 1, TermMembers.STANDARD, Duration.ZERO));
        example(
                Forms.TAKE,
                new Take(
                        MAIL,
                        10,
                        1 << 20,
                        new Term.Timed(Duration.ofMinutes(5)),
                        Duration.ofSeconds(20),
                        Set.of("b", "a")));
        example(Forms.TAKE, Take.of(MAIL, 1, Term.WhileOpen.WHILE_OPEN, Duration.ZERO));
        example(Forms.TAKE, Take.of(MAIL, 1, Term.Auto.AUTO, Duration.ZERO));
        example(
                Forms.TAKEN,
                new Taken.Leased(
                        NOW,
                        List.of(
                                new Lease(
                                        HANDLE,
                                        2,
                                        1,
                                        NOW,
                                        NOW,
                                        NOW,
                                        new Via.DeadLettered(
                                                ORDERS,
                                                Via.Cause.ATTEMPTS,
                                                "5 attempts",
                                                NOW,
                                                1,
                                                List.of(
                                                        new Via.Death(
                                                                ORDERS,
                                                                Via.Cause.ATTEMPTS,
                                                                1,
                                                                NOW,
                                                                NOW))),
                                        Message.of("hi")),
                                new Lease(
                                        HANDLE,
                                        1,
                                        1,
                                        NOW,
                                        NOW,
                                        null,
                                        Via.Direct.DIRECT,
                                        Message.of("hi")))));
        example(Forms.TAKEN, new Taken.Refused(NOW, new Refusal.NoSuchChannel(MAIL)));
        example(
                Forms.CONSUME,
                new Consume(MAIL, TermMembers.STANDARD, Consume.Window.STANDARD, 0, false, ""));
        example(
                Forms.CONSUME,
                new Consume(
                        MAIL,
                        Term.WhileOpen.WHILE_OPEN,
                        new Consume.Window("all", 10, 1 << 20),
                        -1,
                        true,
                        "mailer"));
    }

    private void looks() {
        example(Forms.QUERY, new Query.Queues("/", "", null, QueryForm.LIMIT));
        example(Forms.QUERY, new Query.Queues("blue", "ma", "mail", 10));
        example(Forms.QUERY, new Query.QueueNamed(MAIL));
        example(Forms.QUERY, new Query.Browse(MAIL, 100, null, QueryForm.LIMIT));
        example(Forms.QUERY, new Query.Rows("users", "", "ann", QueryForm.LIMIT));
        example(Forms.QUERY, new Query.Bindings("/", ORDERS, new Target.Exchange(ORDERS), null, 5));
        example(Forms.QUERY, new Query.Route(ORDERS, "eu.new", Message.of("a")));
        example(Forms.QUERY, new Query.Topics("/", "", null, QueryForm.LIMIT));
        example(Forms.QUERY, new Query.TopicNamed(ORDERS));
        example(Forms.QUERY, new Query.Cursors(ORDERS, "re", null, QueryForm.LIMIT));
        example(Forms.QUERY, new Query.Delayed(MAIL, QueryForm.BODY_BYTES, null, QueryForm.LIMIT));
        example(Forms.QUERY, new Query.Exchanges("/", "", null, QueryForm.LIMIT));
        example(Forms.QUERY, new Query.ExchangeNamed(ORDERS));
        example(
                Forms.VIEW,
                new View.ExchangeView(Definition.Exchange.of(ORDERS, ExchangeKind.TOPIC), 7, 2));
        example(Forms.VIEW, new View.BindingView(Definition.Binding.of(BINDING), 7));
        example(Forms.found(new Query.QueueNamed(MAIL)), new Found.Refused<>(NOW, NONE));
        example(
                Forms.found(new Query.QueueNamed(MAIL)),
                new Page<>(List.of(QUEUE_VIEW), "mail", NOW));
        example(
                Forms.VIEW,
                new View.MessageView(
                        17, View.MessageState.DELAYED, 0, NOW, NOW, 2, Message.of("hi")));
        example(Forms.VIEW, new View.CursorView("report", List.of(0L, 12L)));
        example(Forms.VIEW, new View.RowView("ann", Bytes.utf8("{}"), 3, NOW));
        example(
                Forms.VIEW,
                new View.RouteView(
                        List.of(MAIL),
                        false,
                        List.of(new View.Verdict(BINDING, true, "The pattern fits."))));
    }

    private void watchesAndTopics() {
        example(Forms.INTEREST, new Interest.Pressure());
        example(Forms.INTEREST, new Interest.Definitions());
        example(Forms.INTEREST, new Interest.Rows("users", "a"));
        example(Forms.CHANGE, new Change.Pressure(false, "Memory is short."));
        example(Forms.CHANGE, new Change.Removed(MAIL));
        example(
                Forms.CHANGE,
                new Change.Snapshot(
                        List.of(
                                new View.TopicView(
                                        Definition.Topic.of(ORDERS),
                                        1,
                                        7,
                                        NOW,
                                        NOW,
                                        List.of(new View.PartitionView(1, 5, 400))))));
        example(
                Forms.CHANGE,
                new Change.RowChanged(new View.RowView("ann", Bytes.utf8("{}"), 3, null)));
        example(Forms.CHANGE, new Change.RowRemoved("ann"));
        example(Forms.CHANGE, new Change.Defined(QUEUE_VIEW));
        example(
                Forms.CHANGE,
                new Change.RowSnapshot(
                        List.of(new View.RowView("ann", Bytes.utf8("{}"), 3, null))));
        example(Forms.CHANGE, new Change.Refused(NONE));
        example(Forms.FETCHED, new Fetched.Refused(NOW, NONE));
        example(Forms.FROM, new From.Offset(ORDERS, 0, 12));
        example(Forms.FROM, new From.Time(ORDERS, 3, NOW));
        example(
                Forms.FETCHED,
                new Fetched.Records(NOW, List.of(new TopicRecord(0, 12, NOW, Message.of("a"))), 3));
    }
}
