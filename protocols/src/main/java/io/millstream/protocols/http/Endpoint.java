package io.millstream.protocols.http;

import io.vertx.core.http.HttpMethod;

/// One path and method, and what is done there.
///
/// @param method which
/// @param path below `/api/v1`
/// @param inSession whether its path names a session
/// @param bodyBytesMax how long its body may be, in bytes; 0 if it takes none
/// @param handling what is done
record Endpoint(
        HttpMethod method, String path, boolean inSession, int bodyBytesMax, Handling handling) {

    /// Whether it is no danger under whatever name somebody's page may reach the server: it shows
    /// nothing of what is kept, or is a WebSocket, with which each browser names the page.
    boolean byAnyHost() {
        return method.equals(HttpMethod.GET);
    }

    /// Does what a request asks for and answers it, now or later. What it throws becomes the
    /// answer.
    @FunctionalInterface
    interface Handling {
        void run(Call call);
    }

    boolean hasBody() {
        return bodyBytesMax > 0;
    }
}
