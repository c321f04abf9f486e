package io.millstream.protocols.aws;

import io.millstream.protocols.aws.sns.SnsService;
import io.millstream.protocols.aws.sqs.SqsService;
import io.millstream.protocols.aws.wire.Dialect;
import io.millstream.protocols.aws.wire.Wire;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// The services behind one door. SQS speaks both protocols, SNS the query protocol only.
enum Service {
    /// Queues.
    SQS("sqs"),
    /// Topics.
    SNS("sns");

    private final String word;

    Service(String word) {
        this.word = word;
    }

    /// Its name in a signature.
    String word() {
        return word;
    }

    Dialect dialect() {
        return switch (this) {
            case SQS -> SqsService.DIALECT;
            case SNS -> SnsService.DIALECT;
        };
    }

    /// The one that a query is for: that of the version which it names, or else the one that it was
    /// signed for, or one that only topics' endpoints are told of. A version is compared undecoded,
    /// as it is written by all clients. Nobody has believed the request yet, so no more than that
    /// is looked for.
    static Service of(HttpServerRequest request, byte[] form) {
        String query = Objects.requireNonNullElse(request.query(), "");
        String version = Wire.version(query.getBytes(StandardCharsets.UTF_8));
        if (version == null) {
            version = Wire.version(form);
        }
        if (version != null) {
            return version.equals(SNS.dialect().version()) ? SNS : SQS;
        }
        String signed =
                Objects.requireNonNullElse(request.getHeader(HttpHeaders.AUTHORIZATION), "");
        return signed.contains("/sns/aws4_request") || Link.names(request) ? SNS : SQS;
    }
}
