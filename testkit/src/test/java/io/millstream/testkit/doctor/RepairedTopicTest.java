package io.millstream.testkit.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.Topic;
import io.millstream.api.Operation;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.doctor.Repair;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A topic is read and goes on when a repair has given up what was last in it.
class RepairedTopicTest {
    private final MemoryDisk disk = new MemoryDisk();

    private interface Use {
        void with(Topic<String> topic);
    }

    private void use(Use use) {
        Engine engine = Engine.open(disk, EngineOptions.inMemory());
        use.with(Millstream.over(engine).topic("orders", Codec.text()));
        engine.kill();
    }

    /// Publishes three, loses the last one, and knows by a cursor behind it that there was one.
    private void loseTheLastOfThree() throws IOException {
        Engine engine = Engine.open(disk, EngineOptions.inMemory());
        Millstream millstream = Millstream.over(engine);
        Topic<String> orders = millstream.topic("orders", Codec.text());
        for (String data : List.of("first", "second", "the very last")) {
            orders.publish("k", data);
        }
        millstream.commit(new Operation.MoveCursor(orders.name(), 0, "billing", 3));
        engine.kill();
        damage("the very last");
        try (Repair repair = Repair.plan(disk, finding -> {})) {
            assertThat(repair.isNeeded()).isTrue();
            repair.run("what was said");
        }
    }

    private void damage(String text) throws IOException {
        int found = 0;
        for (String name : disk.list()) {
            try (StoredFile file = disk.open(name)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
                file.read(bytes, 0);
                int at = new String(bytes.array(), StandardCharsets.ISO_8859_1).indexOf(text);
                if (at >= 0) {
                    file.write(ByteBuffer.wrap(new byte[] {'?'}), at);
                    found++;
                }
            }
        }
        assertThat(found).isOne();
    }

    private static List<String> replayed(Topic<String> topic) {
        List<String> all = new ArrayList<>();
        topic.replay(event -> all.add(event.data()));
        return all;
    }

    @Test
    void a_replay_ends_where_the_last_ones_were_given_up() throws IOException {
        loseTheLastOfThree();

        use(orders -> {
            assertThat(orders.view().partitions().getFirst().end()).isEqualTo(3);
            assertThat(replayed(orders)).containsExactly("first", "second");
        });
    }

    @Test
    void what_is_published_next_is_read_behind_the_gap() throws IOException {
        loseTheLastOfThree();

        use(orders -> {
            assertThat(orders.publish("k", "next")).isEqualTo(3);
            assertThat(replayed(orders)).containsExactly("first", "second", "next");
        });
    }
}
