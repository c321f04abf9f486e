package io.millstream.server.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.EngineOptions;
import io.millstream.engine.log.Log;
import io.millstream.jobs.JobRef;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

/// Messages that are much larger than a pipe.
class LargeBodyTest extends WorkFixture {
    private static final int MIB = 1 << 20;
    private static final String BODY = "{\"x\":\"" + "y".repeat(10 * MIB) + "\"}";

    @Override
    EngineOptions options() {
        return EngineOptions.inMemory().withLog(new Log.Settings(64 * MIB, 4, MIB, 4L * MIB));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            textBlock =
                    """
                    wc -c                                      ~ 10485768
                    echo 1                                     ~ 1
                    sleep 0.2; echo 1                          ~ 1
                    head -c 200000 /dev/zero >&2; echo; wc -c  ~ 10485768
                    head -c 5 | wc -c                          ~ 5
                    """)
    void ten_mebibytes_reach_who_reads_them_and_hold_up_nobody_who_does_not(
            String script, int result) {
        JobRef<JsonNode> ref = enqueue("jobs", BODY);

        work("jobs", "--", "sh", "-c", script);

        assertThat(ref.await(LONG).asInt()).isEqualTo(result);
    }
}
