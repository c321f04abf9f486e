package io.millstream.server.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// What a server is told to do, complete and checked.
///
/// @param data the directory of the store, absolute
/// @param bind the address that all doors listen on
/// @param awsPort where SQS listens; 0 for any free port, empty for not at all
/// @param httpPort where status, health and metrics are; 0 for any free port, empty for not at all
/// @param tls what to encrypt with; empty for plain HTTP
/// @param readyFile what to write when ready, absolute
/// @param index where jobs are searched; empty for not at all
/// @param insecure whether other machines are let in without users, and may send passwords in plain
public record ServerConfig(
        Path data,
        InetAddress bind,
        OptionalInt awsPort,
        OptionalInt httpPort,
        Optional<TlsFiles> tls,
        Optional<Path> readyFile,
        Optional<IndexFiles> index,
        boolean insecure) {

    /// The index.
    ///
    /// @param directory its own, absolute
    /// @param days how long it knows what has ended
    /// @param megabytes how many MiB it may have
    public record IndexFiles(Path directory, int days, int megabytes) {}

    /// Where the certificate and its key are.
    ///
    /// @param certificate absolute
    /// @param key absolute
    public record TlsFiles(Path certificate, Path key) {}

    /// One without an index.
    public ServerConfig(
            Path data,
            InetAddress bind,
            OptionalInt awsPort,
            OptionalInt httpPort,
            Optional<TlsFiles> tls,
            Optional<Path> readyFile,
            boolean insecure) {
        this(data, bind, awsPort, httpPort, tls, readyFile, Optional.empty(), insecure);
    }

    /// Refuses doors in each other's way.
    public ServerConfig {
        if (awsPort.isPresent() && awsPort.getAsInt() != 0 && awsPort.equals(httpPort)) {
            throw new ConfigException(
                    "aws.port and http.port are both "
                            + awsPort.getAsInt()
                            + ". Give one of them another port, such as "
                            + Setting.HTTP_PORT.option()
                            + "=0.");
        }
    }

    /// Whether the doors are open to everybody as long as there are no users.
    public boolean opensWithoutUsers() {
        return insecure || bind.isLoopbackAddress();
    }
}
