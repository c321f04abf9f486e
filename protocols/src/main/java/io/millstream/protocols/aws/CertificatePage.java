package io.millstream.protocols.aws;

import io.millstream.protocols.aws.push.LazySigner;
import io.millstream.protocols.aws.push.Signer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import java.util.Objects;

/// The certificate by which messages to endpoints can be believed. Everybody may have it.
final class CertificatePage {
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private CertificatePage() {}

    static boolean isAskedFor(HttpServerRequest request) {
        return Objects.requireNonNullElse(request.path(), "").startsWith(Signer.PATH_PREFIX);
    }

    /// Sends it; the request's body, if there is one, is not read.
    static Future<Void> send(HttpServerRequest request, LazySigner lazy) {
        Context loop = Objects.requireNonNull(Vertx.currentContext(), "Not on an event loop.");
        HttpServerResponse response = request.response();
        return Future.fromCompletionStage(lazy.get(), loop)
                .transform((signer, failure) -> {
                    if (failure != null || signer == null) {
                        return response.setStatusCode(UNAVAILABLE).end();
                    }
                    if (!signer.path().equals(request.path())) {
                        return response.setStatusCode(NOT_FOUND).end();
                    }
                    return response.putHeader(HttpHeaders.CONTENT_TYPE, "application/x-pem-file")
                            .end(Buffer.buffer(signer.certificate()));
                });
    }
}
