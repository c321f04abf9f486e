package io.millstream.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class Utf8Test {
    private static final byte[] EDGES = {
        0x01,
        0x41,
        0x7F,
        (byte) 0x80,
        (byte) 0x8F,
        (byte) 0x90,
        (byte) 0x9F,
        (byte) 0xA0,
        (byte) 0xBF,
        (byte) 0xC0,
        (byte) 0xC1,
        (byte) 0xC2,
        (byte) 0xDF,
        (byte) 0xE0,
        (byte) 0xE1,
        (byte) 0xED,
        (byte) 0xEF,
        (byte) 0xF0,
        (byte) 0xF1,
        (byte) 0xF4,
        (byte) 0xF5,
        (byte) 0xFF
    };

    @Test
    void bytes_are_well_formed_exactly_if_the_jdk_says_so() {
        Random random = new Random(30);
        int wellFormed = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(5)];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = EDGES[random.nextInt(EDGES.length)];
            }
            boolean expected = isWellFormed(bytes);
            assertThat(Utf8.flawIn(ByteBuffer.wrap(bytes)) < 0).isEqualTo(expected);
            wellFormed += expected ? 1 : 0;
        }
        assertThat(wellFormed).isGreaterThan(1000);
    }

    private static boolean isWellFormed(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    @Test
    void what_has_control_characters_is_no_text_but_lines_and_tabs_are() {
        assertThat(Utf8.isText(Bytes.utf8("a\tb\r\nc ü😀"))).isTrue();
        assertThat(Utf8.isText(Bytes.EMPTY)).isTrue();
        assertThat(Utf8.isText(Bytes.utf8("a\u0000"))).isFalse();
        assertThat(Utf8.isText(Bytes.utf8("\u001b[1m"))).isFalse();
    }

    @Test
    void halves_of_pairs_are_found() {
        assertThat(Utf8.isWhole("a😀b")).isTrue();
        assertThat(Utf8.isWhole("\ud83d")).isFalse();
        assertThat(Utf8.isWhole("\ude00\ud83d")).isFalse();
        assertThat(Utf8.isWhole("\ud83dx")).isFalse();
    }
}
