package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.DeliverySink;
import io.millstream.api.Expect;
import io.millstream.api.Found;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// What makes deciding it fail is refused alone. Nulls where there may be none stand for all that
/// nobody has thought of.
@SuppressWarnings("NullAway") // See above.
class FailsafeTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final Operation PUT = new Operation.Put(MAIL, Message.of("x"));
    private static final Operation WRONG = new Operation.Define(null, Expect.Anything.ANYTHING);

    private final Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
    private final Session session = engine.session(SessionSpec.of("test"));

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private List<Receipt> commit(Commit... commits) {
        return await(session.commit(List.of(commits)));
    }

    @BeforeEach
    void define_a_queue() {
        Operation define =
                new Operation.Define(Definition.Queue.of(MAIL), Expect.Anything.ANYTHING);
        assertThat(commit(Commit.of(define))).hasOnlyElementsOfType(Receipt.Committed.class);
    }

    @AfterEach
    void the_engine_goes_on_and_counts_it() {
        assertThat(commit(Commit.of(PUT))).hasOnlyElementsOfType(Receipt.Committed.class);
        assertThat(engine.stats().mistakes()).isEqualTo(1);
        engine.close();
    }

    @Test
    void a_commit_is_refused_as_a_whole_and_no_other() {
        List<Receipt> receipts = commit(Commit.of(PUT), Commit.of(PUT, WRONG), Commit.of(PUT));

        assertThat(receipts.get(0)).isInstanceOf(Receipt.Committed.class);
        assertThat(receipts.get(1))
                .isInstanceOfSatisfying(
                        Receipt.Refused.class, refused -> assertMistake(refused.refusal()));
        assertThat(receipts.get(2)).isInstanceOf(Receipt.Committed.class);
        assertThat(
                        await(engine.find(new Query.QueueNamed(MAIL)))
                                .page()
                                .items()
                                .getFirst()
                                .counts()
                                .ready())
                .isEqualTo(2);
    }

    private static void assertMistake(Refusal refusal) {
        assertThat(refusal).isInstanceOf(Refusal.Invalid.class);
        assertThat(refusal.text()).contains("NullPointerException", "Nothing has changed");
    }

    @Test
    void a_look_fails() {
        var look = engine.find(new Query.Queues(null, "", null, 1));

        assertThat(await(look))
                .isInstanceOfSatisfying(
                        Found.Refused.class, refused -> assertMistake(refused.refusal()));
    }

    @Test
    void a_take_is_refused() {
        commit(Commit.of(PUT));

        Taken taken = await(session.take(Take.of(MAIL, 1, null, Duration.ZERO)).stage());

        assertThat(taken)
                .isInstanceOfSatisfying(
                        Taken.Refused.class, refused -> assertMistake(refused.refusal()));
        Take right = Take.of(MAIL, 1, new Term.WhileOpen(), Duration.ofMinutes(1));
        assertThat(await(session.take(right).stage())).isInstanceOf(Taken.Leased.class);
    }

    @Test
    void a_consumer_ends() {
        commit(Commit.of(PUT));
        CompletableFuture<Refusal> ended = new CompletableFuture<>();

        session.consume(
                Subscribe.of(MAIL, null, session.credit(1, 1)),
                new DeliverySink() {
                    @Override
                    public void deliver(List<Lease> leases) {
                        ended.completeExceptionally(new AssertionError(leases.toString()));
                    }

                    @Override
                    public void ended(Refusal why) {
                        ended.complete(why);
                    }
                });

        assertMistake(await(ended));
    }
}
