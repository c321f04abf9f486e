package io.millstream.protocols.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.MillstreamException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

class TlsRenewalTest {
    @TempDir Path folder;

    private final List<Tls> used = new ArrayList<>();

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void doors_are_given_a_new_pair_once_it_is_whole_and_keep_theirs_until_then() throws Exception {
        Certificates one = new Certificates(folder, "one", "EC");
        Certificates two = new Certificates(folder, "two", "RSA");
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        copy(one.certificate(), certificate);
        copy(one.key(), key);
        Tls first = Tls.read(certificate, key);
        try (TlsRenewal renewal = new TlsRenewal(certificate, key, first, used::add)) {
            renewal.look();
            assertThat(used).as("nothing has changed").isEmpty();

            copy(two.certificate(), certificate);
            renewal.look();
            Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n");
            renewal.look();
            Files.delete(key);
            renewal.look();
            assertThat(used).as("half of it has").isEmpty();

            copy(two.key(), key);
            renewal.look();
            renewal.look();
        }

        assertThat(used).containsExactly(Tls.read(two.certificate(), two.key()));
        assertThat(used).doesNotContain(first);
    }

    @Test
    void doors_that_do_not_take_it_are_asked_again() throws Exception {
        Certificates one = new Certificates(folder, "one", "EC");
        Certificates two = new Certificates(folder, "two", "EC");
        Tls first = Tls.read(one.certificate(), one.key());
        List<Tls> asked = new ArrayList<>();
        try (TlsRenewal renewal =
                new TlsRenewal(
                        two.certificate(),
                        two.key(),
                        first,
                        tls -> {
                            asked.add(tls);
                            if (asked.size() == 1) {
                                throw new MillstreamException("Not now.");
                            }
                        })) {
            renewal.look();
            renewal.look();
            renewal.look();
        }

        assertThat(asked).hasSize(2);
    }
}
