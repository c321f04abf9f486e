package io.millstream.server.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FileSharesTest {
    @Test
    void where_many_files_are_allowed_all_clients_may_connect() {
        assertThat(new FileShares(65_536).connectionsMax(25_000)).isEqualTo(25_000);
        assertThat(new FileShares(Long.MAX_VALUE).connectionsMax(25_000)).isEqualTo(25_000);
    }

    @Test
    void where_few_are_allowed_the_store_keeps_its_own() {
        assertThat(new FileShares(20_000).connectionsMax(25_000)).isEqualTo(19_500);
        assertThat(new FileShares(1_024).connectionsMax(25_000)).isEqualTo(524);
    }

    @Test
    void somebody_is_always_served() {
        assertThat(new FileShares(64).connectionsMax(25_000)).isEqualTo(16);
    }

    @Test
    void this_process_has_a_limit() {
        assertThat(FileShares.here().filesMax()).isGreaterThan(100);
    }
}
