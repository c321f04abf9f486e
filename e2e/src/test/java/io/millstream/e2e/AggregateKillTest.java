package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// An event-sourced aggregate under concurrent writers, in a program that is killed with `kill -9`.
class AggregateKillTest {
    private static final int KILLS = 4;
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    /// Eight threads add to three counters by what they replay, and print what was acknowledged,
    /// with the sum that they keep live. With an argument it prints all that is stored instead.
    private static final String PROGRAM =
            """
            import io.millstream.*;
            import io.millstream.api.*;

            void main(String[] arguments) throws Exception {
                var millstream = Millstream.open(Path.of("data"));
                var topic = millstream.topic(
                        Definition.Topic.of(ChannelName.of("counters"))
                                .withPartitions(2).withVersionedKeys(3),
                        Codec.text());
                if (arguments.length > 0) {
                    topic.replay(event -> IO.println(event.event().key() + " " + event.data()));
                    millstream.close();
                    return;
                }
                for (int thread = 0; thread < 8; thread++) {
                    var random = new Random(thread);
                    Thread.ofPlatform().start(() -> {
                        while (true) {
                            add(topic, "key-" + random.nextInt(3), random.nextInt(1000));
                        }
                    });
                }
            }

            void add(Topic<String> topic, String key, int amount) {
                long[] state = new long[2];
                topic.replay(key, event -> {
                    state[0]++;
                    state[1] += Long.parseLong(event.data().split(" ")[1]);
                });
                String event = UUID.randomUUID() + " " + amount;
                try {
                    topic.publish(key, state[0], List.of(event));
                } catch (RefusedException refused) {
                    if (refused.refusal() instanceof Refusal.Conflict) {
                        return;
                    }
                    throw refused;
                }
                IO.println(key + " " + event + " " + state[0] + " " + (state[1] + amount));
            }
            """;

    @TempDir Path folder;

    /// What the program printed: an event, the version before it, the sum with it.
    private record Acknowledged(String key, String id, int version, long sum) {
        static Acknowledged of(String line) {
            String[] words = line.split(" ");
            return new Acknowledged(
                    words[0], words[1], Integer.parseInt(words[3]), Long.parseLong(words[4]));
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(Path.of(System.getProperty("millstream.jar")).toAbsolutePath().toString());
        command.add(folder.resolve("Program.java").toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    /// Runs the program until so much is acknowledged; what it printed before the kill counts.
    private List<Acknowledged> killedAfter(int lines) throws Exception {
        List<Acknowledged> acknowledged = new ArrayList<>();
        Process process = start();
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (acknowledged.size() == lines) {
                    // Not the process itself, which would close what it has printed, too.
                    process.toHandle().destroyForcibly();
                }
                if (line.split(" ").length == 5) {
                    acknowledged.add(Acknowledged.of(line));
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).as(Files.readString(folder.resolve("err"))).isEqualTo(137);
        return acknowledged;
    }

    private Map<String, List<String>> stored() throws Exception {
        Map<String, List<String>> events = new HashMap<>();
        Process process = start("show");
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] words = line.split(" ", 2);
                events.computeIfAbsent(words[0], key -> new ArrayList<>()).add(words[1]);
            }
        } finally {
            process.destroyForcibly();
        }
        return events;
    }

    @Test
    void an_aggregate_rebuilt_by_replay_equals_the_one_kept_live() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        Files.writeString(folder.resolve("Program.java"), PROGRAM);
        List<Acknowledged> acknowledged = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged.addAll(killedAfter(random.nextInt(50, 300)));
        }

        Map<String, List<String>> stored = stored();
        Map<String, long[]> sums = new HashMap<>();
        Set<String> ids = new HashSet<>();
        stored.forEach((key, events) -> {
            long[] after = new long[events.size()];
            for (int i = 0; i < after.length; i++) {
                String[] words = events.get(i).split(" ");
                assertThat(ids.add(words[0])).as("once, seed %d", SEED).isTrue();
                after[i] = (i == 0 ? 0 : after[i - 1]) + Long.parseLong(words[1]);
            }
            sums.put(key, after);
        });
        assertThat(acknowledged)
                .as("seed %d", SEED)
                .allSatisfy(one -> {
                    List<String> events = stored.get(one.key());
                    assertThat(events.get(one.version())).startsWith(one.id() + " ");
                    assertThat(sums.get(one.key())[one.version()]).isEqualTo(one.sum());
                });
    }
}
