package io.millstream.server.http;

import io.vertx.ext.web.RoutingContext;

/// Where refusals are answered.
interface Problems {
    void answer(RoutingContext request, int status, String detail);
}
