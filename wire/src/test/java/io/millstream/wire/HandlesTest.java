package io.millstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millstream.api.ChannelName;
import io.millstream.api.Fence;
import io.millstream.api.Handle;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

class HandlesTest {
    private static final Handle HANDLE =
            new Handle(ChannelName.of("mail"), 1, 17, new Fence(3, 4711));

    @Test
    void a_handle_is_the_same_after_its_way_there_and_back() {
        Random random = new Random(30);
        for (String host : List.of("/", "blue", "größe", "h".repeat(255))) {
            for (String name : List.of("m", "mail/ä😀", "€".repeat(255))) {
                Handle handle =
                        new Handle(
                                new ChannelName(host, name),
                                random.nextLong(),
                                random.nextLong(),
                                new Fence(random.nextInt(), random.nextLong()));
                assertThat(Handles.read(Handles.write(handle))).isEqualTo(handle);
            }
        }
    }

    @Test
    void a_handle_is_short_and_needs_no_quoting_in_an_address() {
        assertThat(Handles.write(HANDLE)).hasSize(52).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void a_handle_that_was_cut_or_lengthened_is_refused() {
        String text = Handles.write(HANDLE);
        for (int length = 0; length < text.length(); length++) {
            assertThat(Handles.read(text.substring(0, length))).isNull();
            assertThat(Handles.read(text.substring(length + 1))).isNull();
        }
        for (String more : List.of("A", "=", "==", " ", "AAAA", "A".repeat(5000))) {
            assertThat(Handles.read(text + more)).isNull();
        }
    }

    @Test
    void a_handle_with_another_character_anywhere_is_refused() {
        String text = Handles.write(HANDLE);
        for (int i = 0; i < text.length(); i++) {
            for (char c : "ABYZabyz0189-_+/= \u0000é".toCharArray()) {
                if (c != text.charAt(i)) {
                    String other = text.substring(0, i) + c + text.substring(i + 1);
                    assertThat(Handles.read(other)).as(other).isNull();
                }
            }
        }
    }

    @Test
    void a_forged_handle_is_refused_with_what_would_be_right() {
        byte[] json =
                "{\"op\":\"settle\",\"handle\":\"AAAA\",\"outcome\":\"done\"}"
                        .getBytes(StandardCharsets.UTF_8);
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Forms.OPERATION.read(json))
                .withMessage(
                        "$.handle is the text \"AAAA\". Give a handle as it came with its lease,"
                                + " unchanged.");
    }

    @Test
    void a_name_that_no_utf8_can_say_is_not_sent() {
        Handle handle = new Handle(ChannelName.of("\ud800"), 1, 1, new Fence(1, 1));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Handles.write(handle));
    }
}
