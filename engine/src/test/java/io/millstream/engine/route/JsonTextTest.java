package io.millstream.engine.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// JSON is read as it is defined, and nothing else is.
class JsonTextTest {
    private static List<Object> array(String text) {
        return JsonText.array(Bytes.utf8(text));
    }

    @Test
    void every_kind_of_value_is_read() {
        Map<String, Object> expected = new HashMap<>();
        expected.put("text", "a\"\\/\b\f\n\r\té😀");
        expected.put("numbers", List.of(new BigDecimal("0"), new BigDecimal("-1.50E+3")));
        expected.put("words", Arrays.asList(true, false, null));
        expected.put("empty", Map.of("object", Map.of(), "array", List.of()));

        String text =
                "\t{ \"text\" : \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\" , \n"
                        + "\"numbers\":[0,-1.50E+3],\"words\":[true,false,null],"
                        + "\"empty\":{\"object\":{ },\"array\":[ ]}}\r";

        assertThat(JsonText.object(Bytes.utf8(text))).isEqualTo(expected);
    }

    @Test
    void the_last_one_of_a_name_counts() {
        assertThat(JsonText.object(Bytes.utf8("{\"a\":1,\"a\":\"2\"}")))
                .isEqualTo(Map.of("a", "2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "[1",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[01]",
                "[-]",
                "[+1]",
                "[1.]",
                "[.5]",
                "[1e]",
                "[1e99999]",
                "[0x1]",
                "[NaN]",
                "[tru]",
                "[True]",
                "['a']",
                "[\"a]",
                "[\"\\x\"]",
                "[\"\\u12g4\"]",
                "[\"\t\"]",
                "[{\"a\"}]",
                "[{\"a\":}]",
                "[{a:1}]",
                "[{\"a\":1,}]",
                "[1]x",
                "[1],[2]",
                "// c\n[1]",
                "{}"
            })
    void what_is_no_array_is_nothing(String text) {
        assertThat(array(text)).isNull();
    }

    @Test
    void bytes_that_are_no_text_are_nothing() {
        assertThat(JsonText.array(Bytes.of(new byte[] {'[', '"', (byte) 0xC0, '"', ']'}))).isNull();
    }

    @Test
    void what_is_nested_without_end_is_nothing() {
        assertThat(array("[".repeat(100_000) + "]".repeat(100_000))).isNull();
        assertThat(array("[".repeat(100) + "]".repeat(100))).isNotNull();
    }

    @Test
    void a_number_alone_is_read_whole_or_not_at_all() {
        assertThat(JsonText.number("12.5")).isEqualByComparingTo("12.5");
        assertThat(JsonText.number("12.5 ")).isNull();
        assertThat(JsonText.number("1".repeat(401))).isNull();
    }
}
