package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.NotSupportedException;
import io.millstream.api.Rate;
import io.millstream.api.RefusedException;
import io.millstream.testkit.denied.DenyingBackend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/// What a program that opens the engine itself may do.
@Timeout(30)
class InProcessTest {
    @TempDir Path folder;

    @Test
    void a_callback_may_block_for_another_answer() {
        try (Millstream millstream = Millstream.inMemory()) {
            WorkQueue queue = millstream.queue("mail");

            queue.sendAsync(Message.builder("a").build())
                    .thenAccept(receipt -> queue.send("b"))
                    .toCompletableFuture()
                    .join();

            assertThat(queue.receive(Duration.ZERO)).isPresent();
            assertThat(queue.receive(Duration.ZERO)).isPresent();
        }
    }

    @Test
    void all_that_a_definition_asks_for_and_the_store_lacks_is_said_at_once() {
        Set<Feature> denied = Set.of(Feature.TYPES, Feature.LIMITS, Feature.TOPICS);
        try (Millstream millstream =
                Millstream.over(
                        new DenyingBackend(
                                Millstream.inMemory().backend(), denied, InstantSource.system()))) {
            Definition.Queue queue =
                    Definition.Queue.builder(ChannelName.of("mail"))
                            .typed(true)
                            .limits(Limits.NONE.withRate(Rate.of(1, Duration.ofSeconds(1))))
                            .build();

            assertThatThrownBy(() -> millstream.queue(queue))
                    .isInstanceOf(NotSupportedException.class)
                    .hasMessageContainingAll("mail", "types", "limits", "denied");
            assertThatThrownBy(() -> millstream.topic("orders", Codec.text()))
                    .isInstanceOf(NotSupportedException.class)
                    .hasMessageContainingAll("orders", "topics");
            millstream.require("This program", Feature.QUEUES, Feature.DELAY);
            assertThatThrownBy(() -> millstream.require("Billing", Feature.DELAY, Feature.TOPICS))
                    .isInstanceOf(NotSupportedException.class)
                    .hasMessageContainingAll("Billing", "topics");
            assertThat(millstream.queue("mail").send("hello")).isEqualTo(1);
        }
    }

    @Test
    void a_rate_lets_the_next_one_begin_by_itself() {
        try (Millstream millstream = Millstream.inMemory()) {
            Limits limits = Limits.NONE.withRate(new Rate(1, Duration.ofMillis(100), 1));
            WorkQueue queue =
                    millstream.queue(
                            Definition.Queue.builder(ChannelName.of("mail"))
                                    .limits(limits)
                                    .build());
            queue.sendAll(List.of(Message.of("a"), Message.of("b")));
            long begun = System.nanoTime();

            assertThat(queue.receive(10, WorkQueue.LEASE, Duration.ofSeconds(10))).hasSize(1);
            assertThat(queue.receive(10, WorkQueue.LEASE, Duration.ofSeconds(10))).hasSize(1);

            assertThat(System.nanoTime() - begun).isBetween(95_000_000L, 5_000_000_000L);
        }
    }

    @Test
    void a_queue_is_refused_the_name_of_a_topic() {
        try (Millstream millstream = Millstream.inMemory()) {
            millstream.topic("events", Codec.text());

            assertThatThrownBy(() -> millstream.queue("events"))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("events is a topic already");
        }
    }

    @Test
    void closing_on_an_interrupted_thread_closes_and_leaves_it_interrupted() {
        Millstream millstream = Millstream.open(folder);
        millstream.queue("mail").send("a");

        Thread.currentThread().interrupt();
        millstream.close();

        assertThat(Thread.interrupted()).isTrue();
        try (Millstream again = Millstream.open(folder)) {
            assertThat(again.queue("mail").receive(Duration.ZERO)).isPresent();
        }
    }
}
