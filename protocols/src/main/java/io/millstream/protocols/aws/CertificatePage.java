package io.millstream.protocols.aws;

import io.millstream.protocols.aws.push.Signer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/// The certificate by which messages to endpoints can be believed. Everybody may have it.
final class CertificatePage {
    private CertificatePage() {}

    static boolean isAskedFor(HttpServerRequest request, Signer signer) {
        return signer.path().equals(request.path());
    }

    /// Sends it; the request's body, if there is one, is not read.
    static Future<Void> send(HttpServerRequest request, Signer signer) {
        return request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/x-pem-file")
                .end(Buffer.buffer(signer.certificate()));
    }
}
