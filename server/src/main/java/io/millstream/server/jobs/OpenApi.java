package io.millstream.server.jobs;

import io.millstream.protocols.http.Asked;
import io.millstream.protocols.http.Extension;
import io.millstream.protocols.http.Reply;
import io.vertx.core.http.HttpMethod;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// The description of the whole API, `openapi.json` beside this class: OpenAPI 3.1, written by hand
/// and held against the code by `OpenApiTest`. It is the same on every server.
final class OpenApi {
    private static final String RESOURCE = "openapi.json";

    private final byte[] document;

    OpenApi() {
        try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + RESOURCE + " is missing.");
            }
            this.document = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Extension endpoint() {
        return new Extension(
                HttpMethod.GET,
                "/openapi.json",
                Extension.Body.NONE,
                Extension.Shows.NOTHING,
                this::show);
    }

    private Reply show(Asked asked) {
        Parameters.of(asked);
        return Reply.ok(document);
    }
}
