package io.millstream.protocols.http;

import io.millstream.protocols.access.Principal;
import io.vertx.ext.web.RoutingContext;

import java.util.function.Consumer;

/// The door that has the API, which knows how to find out who somebody is.
public interface Entrance {

    /// Finds out who sent a request, and goes on with it, now or later, on the request's event
    /// loop; or answers the request itself and does not go on. The request may be paused then:
    /// whoever goes on resumes it.
    void meet(RoutingContext request, Consumer<Principal> then);

    /// Who somebody is at this moment that was met before: with the rights it has now, and nobody
    /// if its password or its name is not good any more.
    Principal now(Principal who);
}
