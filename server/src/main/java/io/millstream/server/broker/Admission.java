package io.millstream.server.broker;

import io.millstream.api.Backend;
import io.millstream.api.MillstreamException;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Users;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.millstream.server.config.ServerConfig;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Decides at the start who may come in: by the users in the store and what was configured.
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final long SECONDS_MAX = 60;

    private Admission() {}

    /// The users of this store. Blocks until they are known.
    static Users users(Backend backend) {
        try {
            Users users =
                    Users.open(backend).toCompletableFuture().get(SECONDS_MAX, TimeUnit.SECONDS);
            users.unreadable().forEach(LOG::error);
            return users;
        } catch (Exception e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new MillstreamException(
                    "Cannot read the users in the store: " + cause.getMessage(), e);
        }
    }

    /// What the doors have at their edge.
    ///
    /// @throws StartException if the store would be open to everybody unasked
    static Guard guard(ServerConfig config, Users users, Optional<Tls> tls) {
        String address = config.bind().getHostAddress();
        boolean isEmpty = users.directory().isEmpty();
        if (isEmpty && !config.opensWithoutUsers()) {
            throw new StartException(
                    "Other machines can reach "
                            + address
                            + ", and there are no users yet: whoever connects could read, change"
                            + " and delete everything. Add one (millstream users add NAME --admin"
                            + " --password --data "
                            + config.data()
                            + "), leave --bind at 127.0.0.1, or add --insecure to allow just"
                            + " that.");
        }
        if (isEmpty && !config.bind().isLoopbackAddress()) {
            LOG.warn(
                    "Listening on {} without users (--insecure): whoever can reach it can read,"
                            + " change and delete everything",
                    address);
        } else if (!isEmpty && tls.isEmpty() && !config.bind().isLoopbackAddress()) {
            LOG.warn(
                    "Listening on {} without TLS: whoever listens on the way reads every message;"
                            + " set tls.certificate and tls.key",
                    address);
        }
        if (!isEmpty && othersCanRead(config.data())) {
            LOG.warn(
                    "Other users of this machine can read {}, and with it the secrets of keys and"
                            + " every message; run: chmod go-rwx {}",
                    config.data(),
                    config.data());
        }
        return new Guard(
                Access.of(users, config.opensWithoutUsers()),
                tls,
                config.insecure(),
                InstantSource.system());
    }

    /// Whether they can, as far as this system tells.
    static boolean othersCanRead(Path data) {
        try {
            return Files.getPosixFilePermissions(data).contains(PosixFilePermission.OTHERS_EXECUTE);
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
