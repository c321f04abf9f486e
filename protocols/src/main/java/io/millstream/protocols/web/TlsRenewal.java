package io.millstream.protocols.web;

import io.millstream.api.MillstreamException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Has the doors use a certificate that was renewed: looks at its files once a minute, on a thread
/// of its own. What cannot be used, such as a key whose certificate is still the old one, is told
/// in the log, once, and the doors keep what they have.
public final class TlsRenewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsRenewal.class);
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final Path certificate;
    private final Path key;
    private final Consumer<Tls> doors;
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("certificates").factory());
    private Tls current;
    private String told = "";

    /// Looks at nothing before [#start()].
    ///
    /// @param current what was read from the files, and is in use
    /// @param doors uses another one from then on; what it throws is told, and tried again
    public TlsRenewal(Path certificate, Path key, Tls current, Consumer<Tls> doors) {
        this.certificate = certificate;
        this.key = key;
        this.current = current;
        this.doors = doors;
    }

    /// Looks from now on.
    public void start() {
        Future<?> _ =
                thread.scheduleWithFixedDelay(
                        this::look, PERIOD.toSeconds(), PERIOD.toSeconds(), TimeUnit.SECONDS);
    }

    /// Looks once. Blocks.
    void look() {
        try {
            Tls found = Tls.read(certificate, key);
            if (!found.equals(current)) {
                doors.accept(found);
                current = found;
                LOG.info(
                        "The certificate in {} was renewed; it is good until {}",
                        certificate,
                        found.end());
            }
            told = "";
        } catch (MillstreamException unusable) {
            tell(String.valueOf(unusable.getMessage()));
        } catch (RuntimeException refused) {
            tell("The doors do not take it: " + refused.getMessage());
        }
    }

    /// Files are often replaced one after the other, and stay wrong until somebody has time.
    private void tell(String why) {
        if (!why.equals(told)) {
            told = why;
            LOG.warn(
                    "The certificate that was read before, good until {}, stays in use, and its"
                            + " files are looked at again every minute: {}",
                    current.end(),
                    why);
        }
    }

    /// Looks no more.
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
