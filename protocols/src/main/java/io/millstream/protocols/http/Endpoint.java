package io.millstream.protocols.http;

import io.vertx.core.http.HttpMethod;

/// One path and method, and what is done there.
///
/// @param method which
/// @param path below `/api/v1`
/// @param inSession whether its path names a session
/// @param bodyBytesMax how long its body may be, in bytes; 0 if it takes none
/// @param shows what its answers show
/// @param handling what is done
record Endpoint(
        HttpMethod method,
        String path,
        boolean inSession,
        int bodyBytesMax,
        Extension.Shows shows,
        Handling handling) {

    /// One of the seam's. Those with GET show nothing of what is kept, or are a WebSocket, with
    /// which each browser names the page.
    static Endpoint of(
            HttpMethod method,
            String path,
            boolean inSession,
            int bodyBytesMax,
            Handling handling) {
        boolean shows = !method.equals(HttpMethod.GET);
        return new Endpoint(
                method,
                path,
                inSession,
                bodyBytesMax,
                shows ? Extension.Shows.SOMETHING : Extension.Shows.NOTHING,
                handling);
    }

    /// One that was handed in.
    static Endpoint of(Extension extension, Premises premises) {
        int bodyBytesMax =
                switch (extension.body()) {
                    case NONE -> 0;
                    case SMALL -> premises.limits().smallBodyBytesMax();
                    case LARGE -> premises.limits().bodyBytesMax();
                };
        return new Endpoint(
                extension.method(),
                extension.path(),
                false,
                bodyBytesMax,
                extension.shows(),
                call -> Extended.begin(call, extension, premises));
    }

    /// Whether it is no danger under whatever name somebody's page may reach the server.
    boolean byAnyHost() {
        return shows == Extension.Shows.NOTHING;
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
