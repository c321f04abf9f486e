package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity;
import io.millstream.api.Capacity.Overflow;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;

import org.junit.jupiter.api.BeforeEach;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/// What the contracts of how features combine have in common.
public abstract class CombinationFixture extends BackendContract {

    static final Duration TEN = Duration.ofSeconds(10);

    final ChannelName mail = ChannelName.of("mail");
    final ChannelName dead = ChannelName.of("dead");
    final ChannelName post = ChannelName.of("post");

    @BeforeEach
    void need_queues() {
        needs(Feature.QUEUES);
    }

    final void defineMail(UnaryOperator<QueueBuilder> with) {
        define(with.apply(Definition.Queue.builder(mail)).build());
    }

    static Capacity limit(long messages, Overflow overflow) {
        return new Capacity(messages, 0, overflow);
    }

    static Deduplication deduplication(Deduplication.Scope scope) {
        return new Deduplication(TEN, scope);
    }

    static Message of(String text, UnaryOperator<Message.Builder> with) {
        return with.apply(Message.builder(text)).build();
    }

    final Lease takeFirst(String text) {
        List<Lease> leases = takeNow(mail, 1);
        assertThat(texts(leases)).containsExactly(text);
        return leases.getFirst();
    }

    final void assertTakes(String... texts) {
        assertThat(texts(takeNow(mail, 10))).containsExactly(texts);
    }
}
