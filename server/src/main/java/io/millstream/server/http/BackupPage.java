package io.millstream.server.http;

import io.millstream.api.RefusedException;
import io.millstream.engine.Backup;
import io.millstream.protocols.web.ForeignPage;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// `POST /backup`: the store's archive as a stream. It ends as a request that breaks off if it
/// cannot be finished, and the archive proves its own end, so half a backup is never taken for one.
final class BackupPage {
    private static final Logger LOG = LoggerFactory.getLogger(BackupPage.class);

    private final Supplier<CompletionStage<Backup>> backups;

    private final Problems problems;

    BackupPage(Supplier<CompletionStage<Backup>> backups, Problems problems) {
        this.backups = backups;
        this.problems = problems;
    }

    void serve(RoutingContext request) {
        if (ForeignPage.asks(request.request())) {
            // A page of somebody else's, opened in a browser here, must not cost the store its
            // room.
            problems.answer(request, 403, "Backups are not for browsers. Use: millstream backup");
            return;
        }
        Future.fromCompletionStage(backups.get(), request.vertx().getOrCreateContext())
                .onSuccess(backup -> begin(request, backup))
                .onFailure(fault -> refuse(request, fault));
    }

    private void refuse(RoutingContext request, Throwable fault) {
        int status = fault instanceof RefusedException ? 409 : 503;
        problems.answer(request, status, String.valueOf(fault.getMessage()));
    }

    private static void begin(RoutingContext request, Backup backup) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            backup.close();
            return;
        }
        request.addEndHandler(ended -> backup.close());
        String name = "millstream-%s.zip".formatted(backup.manifest().position());
        response.setChunked(true)
                .putHeader("Content-Type", "application/zip")
                .putHeader("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
        // Reading blocks for the disk and for the client.
        Thread.ofVirtual().name("backup").start(() -> send(backup, response));
    }

    private static void send(Backup backup, HttpServerResponse response) {
        Instant began = Instant.now();
        long position = backup.manifest().position();
        try (backup;
                BackupStream stream = new BackupStream(response)) {
            backup.writeTo(stream);
            stream.flush();
            response.end();
            LOG.info(
                    "A backup of log position {} was sent in {} ms",
                    position,
                    Duration.between(began, Instant.now()).toMillis());
        } catch (IOException | RuntimeException failed) {
            LOG.warn("A backup of log position {} ends: {}", position, failed.getMessage());
            // Without the last chunk, so that the client knows.
            response.reset();
        }
    }
}
