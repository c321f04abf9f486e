package io.millstream.protocols.aws.push;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class TurnsTest {
    private final Turns turns = new Turns(2);
    private final List<String> begun = new ArrayList<>();

    @Test
    void who_comes_too_early_waits_and_nobody_overtakes() {
        take("a", "b", "c", "d");
        assertThat(begun).containsExactly("a", "b");

        turns.giveBack();
        take("e");

        assertThat(begun).containsExactly("a", "b", "c");
    }

    @Test
    void a_new_bound_holds_at_once_for_those_who_wait() {
        take("a", "b", "c", "d");

        turns.resize(3);
        assertThat(begun).containsExactly("a", "b", "c");

        turns.resize(1);
        turns.giveBack();
        turns.giveBack();
        assertThat(begun).containsExactly("a", "b", "c");
        turns.giveBack();
        assertThat(begun).containsExactly("a", "b", "c", "d");
    }

    @Test
    void any_number_may_be_done_at_once() {
        take("a", "b");
        for (int i = 0; i < 100_000; i++) {
            turns.take(() -> {
                begun.add("at once");
                turns.giveBack();
            });
        }

        turns.giveBack();

        assertThat(begun).hasSize(100_002);
    }

    private void take(String... names) {
        for (String name : names) {
            turns.take(() -> begun.add(name));
        }
    }
}
