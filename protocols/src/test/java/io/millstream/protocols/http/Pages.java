package io.millstream.protocols.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The documentation beside the sources.
final class Pages {
    private Pages() {}

    static String read(String page) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve(page))) {
            root = root.getParent();
        }
        return Files.readString(root.resolve(page));
    }
}
