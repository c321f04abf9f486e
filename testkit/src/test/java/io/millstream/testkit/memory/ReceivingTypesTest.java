package io.millstream.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Delivery;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.RefusedException;
import io.millstream.testkit.ManualClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Receivers that name the types they know.
class ReceivingTypesTest {

    private final Millstream millstream = Millstream.over(new MemoryBackend(new ManualClock()));

    @AfterEach
    void close() {
        millstream.close();
    }

    private static Message typed(String type, String text) {
        return Message.builder(text).type(type).build();
    }

    @Test
    void a_receiver_gets_the_types_that_it_knows_and_leaves_the_rest() {
        WorkQueue jobs =
                millstream.queue(
                        Definition.Queue.builder(ChannelName.of("jobs")).typed(true).build());
        jobs.send(typed("resize", "1"));
        jobs.send(typed("mail", "2"));
        jobs.send(typed("resize", "3"));
        jobs.send("4");

        assertThat(jobs.receive(Set.of("mail"), Duration.ZERO).map(Delivery::text)).hasValue("2");

        assertThat(jobs.receive(Set.of("mail"), Duration.ZERO)).isEmpty();
        List<Delivery> known =
                jobs.receive(Set.of("resize", "crop"), 10, WorkQueue.LEASE, Duration.ZERO);
        assertThat(known).extracting(Delivery::text).containsExactly("1", "3");
        assertThat(jobs.receive(Duration.ZERO).map(Delivery::deliveries)).hasValue(1);
    }

    @Test
    void a_receiver_of_types_is_refused_by_a_queue_that_does_not_tell_them_apart() {
        WorkQueue jobs = millstream.queue("jobs");
        jobs.send(typed("resize", "1"));

        assertThatThrownBy(() -> jobs.receive(Set.of("resize"), Duration.ZERO))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("jobs does not tell types apart");

        assertThat(jobs.receive(Set.of(), 10, WorkQueue.LEASE, Duration.ZERO)).hasSize(1);
    }
}
