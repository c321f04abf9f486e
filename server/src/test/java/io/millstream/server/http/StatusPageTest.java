package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.List;
import java.util.Map;

class StatusPageTest {
    @Test
    void what_clients_named_cannot_become_markup() {
        String name = "<script>alert(\"x\")</script>&'";
        Status status =
                new Status(
                        "Millstream",
                        "1.2.3",
                        "ready",
                        Instant.EPOCH,
                        1,
                        2,
                        "/d<b>",
                        Map.of("SQS", "http://127.0.0.1:1"),
                        new Flow.Rate(1234.5, 0.25),
                        new Status.JobCounts(1, 2, 3, 4, 5),
                        List.of(
                                new Status.Row(
                                        name, 12_345, 2, 3, 2048, 5, 54_321, null, 7200L, true)),
                        new Status.Others(0, 0, 0, 0, 0, 0, 0),
                        List.of(new Status.TopicRow("t" + name, 4, 54_321, 4096, 7, -1)),
                        new Status.OtherTopics(0, 0, 0, 0));

        DeadLook.Kind kind =
                new DeadLook.Kind("f<1>", 3, Instant.EPOCH, Instant.EPOCH, name, name + "\n\tat");

        String page = StatusPage.of(status, List.of(), new DeadLook(List.of(kind), 2, true));

        assertThat(page)
                .contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;")
                .contains(
                        "/d&lt;b&gt;",
                        "12\u202f345",
                        "54\u202f321",
                        "2.0 KiB",
                        "http://127.0.0.1:1")
                .contains("t&lt;script&gt;", "54\u202f321", "4.0 KiB", "<td>7</td><td></td>")
                .contains("1\u202f235", "0.3", "2 h 0 min", "<small>paused</small>")
                .contains("f&lt;1&gt;", "2 kinds more, of the 5\u202f000 that died first")
                .doesNotContain("<script>", "/d<b>", " more</", "<svg");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1536, 1.5 KiB",
        "5368709120, 5.0 GiB",
        "9223372036854775807, 8388608.0 TiB"
    })
    void sizes_are_shown_in_binary_units(long bytes, String shown) {
        assertThat(Html.size(bytes)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 s",
        "59, 59 s",
        "3599, 59 min",
        "3660, 1 h 1 min",
        "172800, 2 days 0 h",
        "176400, 2 days 1 h"
    })
    void times_are_shown_in_two_units_at_most(long seconds, String shown) {
        assertThat(Html.duration(seconds)).isEqualTo(shown);
    }
}
