package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.api.Message;
import io.millstream.api.RefusedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;

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
