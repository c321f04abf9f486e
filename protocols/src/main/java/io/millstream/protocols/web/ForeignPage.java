package io.millstream.protocols.web;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.regex.Pattern;

/// Tells requests that a page makes in somebody's browser. A door of ours serves no pages that ask
/// it for anything, so whatever page it is, it is somebody else's, and a door that listens on this
/// machine only is no protection: the browser is on this machine too.
///
/// - A browser names the page's origin with each request but a plain GET, also if the page had its
///   own name point to this machine meanwhile (DNS rebinding), and no other program does.
/// - With a GET from another site, it says so in `Sec-Fetch-Site`, if it got the door's address
///   from the page; what a person typed is `none`.
/// - Only a GET after DNS rebinding says nothing at all. It is known by the name in `Host`, which
///   somebody must own: no address, and no name that cannot be registered. Programs, which may
///   reach the door by any name, do not ask with GET.
public final class ForeignPage {
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-f:.]+]");
    private static final Pattern UNOWNED =
            Pattern.compile("[^.]*|.*\\.(?:localhost|local|internal|lan|home\\.arpa)");

    private ForeignPage() {}

    /// Whether such a page asks.
    public static boolean asks(HttpServerRequest request) {
        return says(request)
                || (request.method().equals(HttpMethod.GET) && isOwned(request.getHeader("Host")));
    }

    /// Whether the request says that such a page asks. That is enough where a request proves who
    /// sent it: a browser gives a page that only took over a name nothing to prove it with.
    public static boolean says(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return request.getHeader("Origin") != null || (site != null && !site.equals("none"));
    }

    /// Whether this host has a name that somebody may own.
    static boolean isOwned(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
        return !ADDRESS.matcher(name).matches() && !UNOWNED.matcher(name).matches();
    }
}
