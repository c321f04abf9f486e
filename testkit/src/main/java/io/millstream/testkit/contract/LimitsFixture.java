package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Limits.Each;
import io.millstream.api.Message;
import io.millstream.api.Pending;
import io.millstream.api.Rate;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the contracts of limits and types have in common.
public abstract class LimitsFixture extends CombinationFixture {

    static final Duration NOT_QUITE_TEN = TEN.minus(MILLISECOND);

    /// One in ten seconds, and never two at once.
    static final Rate SLOW = new Rate(1, TEN, 1);

    /// Defines mail as a queue that tells types apart, with these limits.
    final void limitMail(Limits limits) {
        defineMail(queue -> queue.typed(true).limits(limits));
    }

    /// The same where groups mean this.
    final void limitMail(Groups groups, Limits limits) {
        defineMail(queue -> queue.groups(groups).typed(true).limits(limits));
    }

    static Limits types(Limit each) {
        return Limits.NONE.withTypes(each);
    }

    static Limits types(@Nullable Limit each, Map<String, Limit> exceptions) {
        return Limits.NONE.withTypes(new Each(each, exceptions));
    }

    static Limits groups(Limit each) {
        return Limits.NONE.withGroups(each);
    }

    static Limits groups(@Nullable Limit each, Map<String, Limit> exceptions) {
        return Limits.NONE.withGroups(new Each(each, exceptions));
    }

    static Limit atOnce(int messages) {
        return Limit.concurrency(messages);
    }

    /// A message whose type is the letters that its text begins with.
    static Message typed(String text) {
        return Message.builder(text).type(letters(text)).build();
    }

    /// The same, in a group.
    static Message typed(String group, String text) {
        return Message.builder(text).type(letters(text)).group(group).build();
    }

    private static String letters(String text) {
        return text.replaceAll("[0-9].*", "");
    }

    /// Puts a message for each text, whose type is the letters that it begins with.
    final void putTyped(ChannelName queue, String... texts) {
        for (String text : texts) put(queue, typed(text));
    }

    /// Puts a message for each text, whose group is the letters that it begins with.
    final void putGrouped(ChannelName queue, String... texts) {
        for (String text : texts) put(queue, grouped(letters(text), text));
    }

    /// What can be taken now, after which nothing else can.
    final List<Lease> takeAllowed(String... texts) {
        List<Lease> leases = takeNow(mail, 100);
        assertThat(texts(leases)).containsExactly(texts);
        assertNothingToTake(mail);
        return leases;
    }

    /// Waits in real time until as many can be taken as there are texts.
    final List<Lease> takeSoon(String... texts) {
        List<Lease> leases = take(mail, texts.length);
        assertThat(texts(leases)).containsExactly(texts);
        return leases;
    }

    final void assertStillWaits(Pending<Taken> waiting) {
        // A look that is answered shows that whatever was asked before has been decided.
        counts(mail);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();
    }

    static Take takeOf(ChannelName queue, int messages, Duration maxWait, String... types) {
        return Take.of(queue, messages, TIMED, maxWait).withTypes(Set.of(types));
    }

    final Consumer consume(ChannelName queue, int credit) {
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(queue, WHILE_OPEN, session().credit(credit, Long.MAX_VALUE)),
                        consumer);
        return consumer;
    }

    static void awaitTexts(Consumer consumer, String... texts) {
        eventually(
                () -> consumer.texts().equals(List.of(texts)),
                () -> "the consumer has " + consumer.texts());
    }
}
