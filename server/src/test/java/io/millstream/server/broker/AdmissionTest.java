package io.millstream.server.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

class AdmissionTest {
    @TempDir Path folder;

    @Test
    void a_directory_that_others_can_enter_is_noticed() throws IOException {
        Assumptions.assumeTrue(
                folder.getFileSystem().supportedFileAttributeViews().contains("posix"),
                "this system knows no owners");

        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(Admission.othersCanRead(folder)).isTrue();

        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(Admission.othersCanRead(folder)).isFalse();
        assertThat(Admission.othersCanRead(folder.resolve("missing"))).isFalse();
    }
}
