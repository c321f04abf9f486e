package io.millstream.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Other virtual machines that a benchmark starts from its own class path.
public final class Jvm {
    private Jvm() {}

    /// The options that every virtual machine has unless something else is said.
    public static String options() {
        return System.getenv().getOrDefault("BENCH_JAVA_OPTS", "-Xms1g -Xmx1g");
    }

    /// What starts this program again.
    ///
    /// @param options of the virtual machine, with blanks between them
    /// @param words what it is told
    public static List<String> command(String options, String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Arrays.asList(options.split(" ")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path", ".")));
        command.add("io.millstream.bench.Main");
        command.addAll(Arrays.asList(words));
        return command;
    }

    /// A port of this machine that nobody listens on.
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
