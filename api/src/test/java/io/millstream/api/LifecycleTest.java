package io.millstream.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class LifecycleTest {
    private static final Lifecycle.Place PLACE =
            new Lifecycle.Place(new Lifecycle.Life(ChannelName.of("jobs"), 3), 17);

    static List<Lifecycle> what_workers_say() {
        return List.of(
                new Lifecycle.Failed(PLACE, 2, "No \"ledger\"\n\u0001", "4f1c09a2b7d3"),
                new Lifecycle.Progressed(PLACE, 1, 40, 100, "page 40"),
                new Lifecycle.Progressed(PLACE, 1, -1, Long.MAX_VALUE, ""),
                new Lifecycle.Logged(PLACE, 1, "one line\nand another"),
                new Lifecycle.Ended(PLACE, 0, "cancelled", "by hand"));
    }

    @ParameterizedTest
    @MethodSource("what_workers_say")
    void what_workers_say_is_read_as_it_was_written(Lifecycle said) {
        assertThat(Lifecycle.in(said.message())).contains(said);
    }

    @Test
    void a_long_text_is_cut_between_characters() {
        String text = "x" + "\uD83D\uDE00".repeat(150_000);

        Lifecycle.Failed failed = new Lifecycle.Failed(PLACE, 1, text, "");

        assertThat(failed.reason()).hasSize(Lifecycle.NOTE_CHARS_MAX - 1);
        assertThat(Lifecycle.in(failed.message())).contains(failed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"event\":7}",
                "{\"event\":\"failed\",\"queue\":\"jobs\",\"life\":3,\"sequence\":17}",
                "{\"event\":\"logged\",\"queue\":\"q\",\"life\":3,\"sequence\":\"x\",\"text\":1}",
                "{\"event\":\"later\",\"queue\":\"jobs\",\"life\":3,\"sequence\":17}",
                "{\"event\":\"failed\",\"queue\":\"\",\"life\":3,\"sequence\":17,\"attempt\":1}"
            })
    void what_is_of_another_kind_says_nothing(String text) {
        assertThat(Lifecycle.in(Message.of(text))).isEmpty();
    }
}
