package io.millstream.backends.remote;

import io.millstream.api.MillstreamException;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

import javax.net.ssl.SSLContext;

/// Where a server is, and how it is spoken to.
///
/// @param address its HTTP port, `http://host:7171` or `https://host:7171`, without user and path
/// @param authorization the header by which the user says who it is; null if nobody in particular
/// @param tls whom to believe over `https`; null for those that Java believes
/// @param patience how long what is asked waits for a connection before it fails
/// @param silence how long a connection lasts over which nothing is heard, though it is asked
/// @param waitingBytesMax how many bytes may wait to be sent; more is refused as busy
public record RemoteOptions(
        URI address,
        @Nullable String authorization,
        @Nullable SSLContext tls,
        Duration patience,
        Duration silence,
        long waitingBytesMax) {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(45);
    private static final long WAITING_BYTES_MAX = 64 << 20;

    /// Refuses what cannot be.
    public RemoteOptions {
        if (address.getHost() == null) {
            throw new MillstreamException(
                    "The address names no host. Give one like http://host:7171.");
        }
        if (patience.isNegative() || silence.isNegative() || silence.isZero()) {
            throw new IllegalArgumentException("Patience and silence are times to come.");
        }
    }

    /// A server as its address says. `http://user:password@host:7171` names the user; characters
    /// that have a meaning in addresses are percent-encoded there.
    public static RemoteOptions at(URI address) {
        try {
            URI bare =
                    new URI(
                            address.getScheme(),
                            null,
                            address.getHost(),
                            address.getPort(),
                            null,
                            null,
                            null);
            String path = address.getPath();
            if (path != null && !path.isEmpty() && !path.equals("/")) {
                throw new MillstreamException(
                        "The address "
                                + bare
                                + path
                                + " has a path. Give the HTTP port alone, such as "
                                + bare
                                + ".");
            }
            String user = address.getUserInfo();
            String authorization =
                    user == null
                            ? null
                            : "Basic "
                                    + Base64.getEncoder()
                                            .encodeToString(user.getBytes(StandardCharsets.UTF_8));
            return new RemoteOptions(
                    bare, authorization, null, PATIENCE, SILENCE, WAITING_BYTES_MAX);
        } catch (URISyntaxException e) {
            throw new MillstreamException("The address cannot be read: " + e.getReason(), e);
        }
    }

    /// The same with certificates of one's own.
    public RemoteOptions withTls(SSLContext tls) {
        return new RemoteOptions(address, authorization, tls, patience, silence, waitingBytesMax);
    }

    /// The same with another patience.
    public RemoteOptions withPatience(Duration patience) {
        return new RemoteOptions(address, authorization, tls, patience, silence, waitingBytesMax);
    }

    /// The same with another silence.
    public RemoteOptions withSilence(Duration silence) {
        return new RemoteOptions(address, authorization, tls, patience, silence, waitingBytesMax);
    }

    /// The same with another bound of what waits.
    public RemoteOptions withWaitingBytesMax(long bytes) {
        return new RemoteOptions(address, authorization, tls, patience, silence, bytes);
    }

    /// Where something of the API is.
    URI at(String path) {
        return address.resolve("/api/v1" + path);
    }

    /// Where the socket is.
    URI socket() {
        String scheme = address.getScheme().equalsIgnoreCase("https") ? "wss" : "ws";
        return URI.create(
                scheme + at("/socket").toString().substring(address.getScheme().length()));
    }

    /// Without the password.
    @Override
    public String toString() {
        return address.toString();
    }
}
