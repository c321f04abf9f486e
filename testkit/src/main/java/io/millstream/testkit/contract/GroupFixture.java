package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Operation;

import org.junit.jupiter.api.BeforeEach;

import java.util.ArrayList;
import java.util.List;

/// What the contracts of groups have in common.
public abstract class GroupFixture extends CombinationFixture {

    @BeforeEach
    void define_the_queue() {
        needs(Feature.GROUPS);
        define("mail");
    }

    final void define(Groups groups) {
        defineMail(queue -> queue.groups(groups));
    }

    /// Puts one message for each text in one commit; its first letter is its group, `-` for none.
    final void putAll(String... texts) {
        List<Operation> puts = new ArrayList<>();
        for (String text : texts) {
            String group = text.substring(0, 1);
            puts.add(group.equals("-") ? putting(mail, text) : putting(mail, grouped(group, text)));
        }
        commit(puts.toArray(Operation[]::new));
    }

    final void assertTakes(int messages, String... texts) {
        assertThat(texts(takeNow(mail, messages))).containsExactly(texts);
    }
}
