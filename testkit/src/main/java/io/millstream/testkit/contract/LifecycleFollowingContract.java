package io.millstream.testkit.contract;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Term;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Whatever happens to queues, who follows their lifecycle topic knows what is in them.
public abstract class LifecycleFollowingContract extends LifecycleFixture {
    private static final int STEPS = 150;
    private static final List<Groups> GROUPS = List.of(Groups.values());
    private static final List<Term> TERMS = List.of(TIMED, WHILE_OPEN, Term.Auto.AUTO);

    private final ChannelName grave = ChannelName.of("grave");
    private final List<Lease> leases = new ArrayList<>();
    private RandomGenerator random = RandomGenerator.getDefault();

    @RepeatedTest(6)
    void who_follows_the_topic_knows_what_is_there(RepetitionInfo repetition) {
        needs(Feature.ATOMIC_COMMIT, Feature.DEAD_LETTER, Feature.RETRY_AFTER, Feature.BROWSE);
        needs(Feature.PURGE, Feature.MOVE, Feature.DELAY, Feature.RETENTION, Feature.REPLAY);
        needs(Feature.TIME_TO_LIVE, Feature.PRIORITY, Feature.GROUPS, Feature.CAPACITY);
        needs(Feature.BACK_OFF, Feature.TOPICS);
        random =
                RandomGeneratorFactory.of("L64X128MixRandom")
                        .create(repetition.getCurrentRepetition());
        tell(grave, queue -> queue);
        tell(mail, this::special);
        for (int i = 0; i < STEPS; i++) {
            step();
            if (i % 10 == 0) {
                assertFollowed(mail, grave);
            }
        }
        assertFollowed(mail, grave);
    }

    private QueueBuilder special(QueueBuilder queue) {
        queue.deadLetter(random.nextInt(4) == 0 ? null : grave)
                .maxAttempts(random.nextInt(4))
                .keepSettled(random.nextBoolean() ? LONG : null)
                .groups(GROUPS.get(random.nextInt(GROUPS.size())));
        if (random.nextBoolean()) {
            queue.backOff(new BackOff(SECOND, 2, Duration.ofMinutes(1)));
        }
        if (random.nextInt(3) == 0) {
            queue.retention(Duration.ofMinutes(2));
        }
        if (random.nextInt(3) == 0) {
            Capacity.Overflow drops =
                    queue.build().deadLetter() == null
                            ? Capacity.Overflow.DROP_HEAD
                            : Capacity.Overflow.DEAD_LETTER;
            queue.capacity(new Capacity(20, 0, drops));
        }
        return queue;
    }

    private void step() {
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> tryOut(putting(mail, message()));
            case 4, 5, 6 -> take();
            case 7, 8 -> settle();
            case 9 -> advance(Duration.ofMillis(1 + random.nextInt(20_000)));
            case 10 -> edit();
            case 11 -> move();
            case 12 -> tell(mail, this::special);
            default -> rarely();
        }
    }

    private Message message() {
        Message.Builder message = Message.builder("body").priority(random.nextInt(3));
        if (random.nextInt(3) == 0) {
            message.group("group " + random.nextInt(3));
        } else if (random.nextInt(3) == 0) {
            message.delay(Duration.ofMillis(random.nextInt(30_000)));
        }
        if (random.nextInt(4) == 0) {
            message.timeToLive(Duration.ofMillis(1 + random.nextInt(40_000)));
        }
        return message.build();
    }

    private void take() {
        ChannelName from = random.nextInt(5) == 0 ? grave : mail;
        Term term = TERMS.get(random.nextInt(TERMS.size()));
        boolean another = random.nextInt(3) == 0;
        Session by = another ? newSession("another") : session();
        List<Lease> taken =
                leased(by.take(Take.of(from, 1 + random.nextInt(4), term, Duration.ZERO)));
        if (!term.equals(Term.Auto.AUTO)) {
            leases.addAll(taken);
        }
        if (another && random.nextBoolean()) {
            by.close();
        }
    }

    private void settle() {
        if (leases.isEmpty()) {
            return;
        }
        Lease lease = leases.remove(random.nextInt(leases.size()));
        Outcome outcome =
                switch (random.nextInt(5)) {
                    case 0 -> new Outcome.Dead("at random");
                    case 1 -> new Outcome.Retry(Duration.ZERO, random.nextBoolean());
                    case 2 -> new Outcome.Retry(SECOND, random.nextBoolean());
                    default -> Outcome.Done.DONE;
                };
        // It may have ended by itself.
        tryOut(settling(lease, outcome));
    }

    /// Does it, or is refused.
    private void tryOut(Operation... operations) {
        await(session().commit(List.of(Commit.of(operations))));
    }

    private void edit() {
        switch (random.nextInt(3)) {
            case 0 ->
                    commit(
                            new Operation.Edit.Drop(
                                    mail, 1 + random.nextInt(50), Operation.Edit.IfHeld.PASS));
            case 1 -> {
                if (view(mail).definition().keepSettled() != null) {
                    commit(new Operation.Edit.Replay(mail, Instant.EPOCH, now().plus(LONG), 0, 3));
                }
            }
            default -> tryOut(putting(mail, "1"), putting(grave, "2"), putting(mail, "3"));
        }
    }

    private void move() {
        ChannelName to = random.nextBoolean() ? mail : null;
        commit(new Operation.Edit.Move(grave, to, 1 + random.nextInt(3)));
    }

    private void rarely() {
        switch (random.nextInt(5)) {
            case 0 -> commit(new Operation.Edit.Purge(random.nextBoolean() ? mail : grave));
            case 1 -> restart();
            case 2 -> {
                commit(removing(grave));
                advance(SECOND);
                tell(grave, queue -> queue);
            }
            case 3 -> {
                commit(removing(mail));
                tell(mail, this::special);
            }
            default -> advance(Duration.ofMinutes(3));
        }
    }
}
