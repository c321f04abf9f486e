package io.millstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class NearestTest {
    private static final List<String> NAMES = List.of("data", "aws.port", "http.port", "bind");

    @ParameterizedTest
    @CsvSource({"aws.prot, aws.port", "awsport, aws.port", "dat, data", "htp.port, http.port"})
    void a_slip_leads_to_the_name(String typed, String meant) {
        assertThat(Nearest.to(typed, NAMES)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"x", "zzzz", "colour", "''"})
    void another_word_leads_nowhere(String typed) {
        assertThat(Nearest.to(typed, NAMES)).isEmpty();
    }

    @Test
    void neighbours_swapped_are_one_slip() {
        assertThat(Nearest.distance("prot", "port")).isEqualTo(1);
        assertThat(Nearest.distance("", "port")).isEqualTo(4);
        assertThat(Nearest.distance("port", "port")).isZero();
    }
}
