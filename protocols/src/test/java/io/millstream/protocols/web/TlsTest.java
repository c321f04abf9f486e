package io.millstream.protocols.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.MillstreamException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class TlsTest {
    @TempDir Path folder;

    private static void refused(Path certificate, Path key, String... words) {
        assertThatThrownBy(() -> Tls.read(certificate, key))
                .isInstanceOf(MillstreamException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void a_certificate_and_its_key_are_taken_and_nothing_of_the_key_is_shown() throws Exception {
        for (String algorithm : new String[] {"EC", "RSA"}) {
            Certificates made = new Certificates(folder, algorithm, algorithm);

            assertThat(Tls.read(made.certificate(), made.key())).hasToString("Tls[…]");
        }
    }

    @Test
    void files_that_cannot_be_used_are_refused_with_what_to_do() throws Exception {
        Certificates one = new Certificates(folder, "one", "EC");
        Certificates two = new Certificates(folder, "two", "EC");
        Certificates rsa = new Certificates(folder, "rsa", "RSA");
        Path missing = folder.resolve("missing.pem");
        Path text = Files.writeString(folder.resolve("text.pem"), "hello");
        Path old =
                Files.writeString(
                        folder.resolve("old.pem"),
                        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Path broken =
                Files.writeString(
                        folder.resolve("broken.pem"),
                        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");

        refused(missing, one.key(), "missing.pem (tls.certificate) does not exist");
        refused(one.certificate(), missing, "missing.pem (tls.key) does not exist");
        refused(folder, one.key(), "(tls.certificate) cannot be read");
        refused(text, one.key(), "text.pem (tls.certificate) holds no certificate in PEM");
        refused(one.certificate(), old, "(tls.key) holds no key", "openssl pkcs8 -topk8 -nodes");
        Path cut =
                Files.writeString(
                        folder.resolve("cut.pem"),
                        "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n");
        refused(one.certificate(), broken, "broken.pem (tls.key) is no EC key");
        refused(one.certificate(), cut, "cut.pem (tls.key) is no EC key");
        refused(one.certificate(), rsa.key(), "rsa-key.pem (tls.key) is no EC key");
        refused(one.certificate(), two.key(), "two-key.pem is not that of the first certificate");
    }
}
