package io.millstream.protocols.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignPageTest {
    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "localhost",
                "LOCALHOST:9324",
                "127.0.0.1:9324",
                "[::1]:9324",
                "millstream",
                "millstream:9324",
                "host.docker.internal:9324",
                "sqs.us-east-1.localhost",
                "printer.local"
            })
    void nobody_owns_the_names_of_this_machine_and_its_neighbours(String host) {
        assertThat(ForeignPage.isOwned(host)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:9324",
                "127.0.0.1.evil.example",
                "localhost.evil.example:9324",
                "evil.example."
            })
    void somebody_owns_all_others(String host) {
        assertThat(ForeignPage.isOwned(host)).isTrue();
    }
}
