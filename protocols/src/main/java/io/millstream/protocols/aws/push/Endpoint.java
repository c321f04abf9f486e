package io.millstream.protocols.aws.push;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/// The address of an endpoint, which may have a user and a password in it.
///
/// @param url where to post, without them
/// @param authorization the header that says them, or null if there are none
public record Endpoint(String url, @Nullable String authorization) {
    private static final int CHARS_MAX = 2_048;
    private static final int PORT_MAX = 65_535;

    /// Reads an address.
    ///
    /// @param protocol `http` or `https`, as which it has to begin
    /// @throws IllegalArgumentException if nothing can be posted there; the message says why
    public static Endpoint read(String protocol, String address) {
        URI uri;
        try {
            uri = new URI(address);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("It is no address: " + e.getReason() + '.', e);
        }
        if (!protocol.equals(uri.getScheme())) {
            throw new IllegalArgumentException("Endpoint must match the specified protocol");
        }
        if (address.length() > CHARS_MAX
                || uri.getHost() == null
                || uri.getFragment() != null
                || uri.getPort() == 0
                || uri.getPort() > PORT_MAX) {
            throw new IllegalArgumentException(
                    "It is an address such as "
                            + protocol
                            + "://example.com/path of at most "
                            + CHARS_MAX
                            + " characters, without a fragment; a port is 1 to "
                            + PORT_MAX
                            + '.');
        }
        String user = uri.getRawUserInfo();
        if (user == null) {
            return new Endpoint(address, null);
        }
        int at = address.indexOf('@');
        String plain = protocol + "://" + address.substring(at + 1);
        byte[] decoded =
                Objects.requireNonNullElse(uri.getUserInfo(), "").getBytes(StandardCharsets.UTF_8);
        return new Endpoint(plain, "Basic " + Base64.getEncoder().encodeToString(decoded));
    }

    /// Reads an address that was read before.
    static Endpoint read(String address) {
        return read(address.startsWith("https:") ? "https" : "http", address);
    }
}
