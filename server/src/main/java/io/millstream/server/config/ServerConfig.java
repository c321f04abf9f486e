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
/// @param readyFile what to write when ready, absolute
/// @param insecure whether an address that others can reach was allowed although there are no users
public record ServerConfig(
        Path data,
        InetAddress bind,
        OptionalInt awsPort,
        OptionalInt httpPort,
        Optional<Path> readyFile,
        boolean insecure) {

    /// Refuses what would open the store to everybody unasked, and doors in each other's way.
    public ServerConfig {
        if (!bind.isLoopbackAddress() && !insecure) {
            throw new ConfigException(
                    "Other machines can reach "
                            + bind.getHostAddress()
                            + ", and there are no users yet: whoever connects could read, change"
                            + " and delete everything. Leave --bind at 127.0.0.1, or add --insecure"
                            + " to allow just that.");
        }
        if (awsPort.isPresent() && awsPort.getAsInt() != 0 && awsPort.equals(httpPort)) {
            throw new ConfigException(
                    "aws.port and http.port are both "
                            + awsPort.getAsInt()
                            + ". Give one of them another port, such as "
                            + Setting.HTTP_PORT.option()
                            + "=0.");
        }
    }
}
