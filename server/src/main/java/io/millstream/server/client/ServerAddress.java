package io.millstream.server.client;

import io.millstream.Millstream;
import io.millstream.api.MillstreamException;
import io.millstream.backends.remote.RemoteBackend;
import io.millstream.backends.remote.RemoteOptions;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// Which server, and who asks it.
///
/// @param options with the user, whose password is never printed
/// @param isAnonymous whether nobody in particular asks
record ServerAddress(RemoteOptions options, boolean isAnonymous) {
    static final String USUAL = "http://127.0.0.1:7171";
    static final String NAME_VARIABLE = "MILLSTREAM_USER";
    static final String PASSWORD_VARIABLE = "MILLSTREAM_PASSWORD";

    /// Somebody waits at a terminal: a server that went away is not waited for much longer than one
    /// that was never there.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration SILENCE = Duration.ofSeconds(15);

    /// @param typed the address, which may name the user itself
    /// @param environment where the user is named otherwise
    /// @throws ConfigException if it is no address
    static ServerAddress of(String typed, Map<String, String> environment) {
        URI address = read(typed);
        if (address.getRawUserInfo() != null) {
            return new ServerAddress(patient(address), false);
        }
        String name = environment.get(NAME_VARIABLE);
        String password = environment.get(PASSWORD_VARIABLE);
        if (name == null || password == null) {
            return new ServerAddress(patient(address), true);
        }
        String user = encoded(name) + ":" + encoded(password) + "@";
        String scheme = address.getScheme() + "://";
        String rest = address.toString().substring(scheme.length());
        return new ServerAddress(patient(URI.create(scheme + user + rest)), false);
    }

    private static URI read(String typed) {
        URI address = parsed(typed.replaceFirst("/$", ""));
        String scheme = address == null ? "" : String.valueOf(address.getScheme());
        if (address == null
                || address.getHost() == null
                || !scheme.toLowerCase(Locale.ROOT).matches("https?")) {
            // Not the address itself if there may be a password in it.
            throw new ConfigException(
                    (typed.contains("@") ? "--server" : Texts.shown(typed))
                            + " is not the address of a server. Give the one of its HTTP port, such"
                            + " as "
                            + USUAL
                            + ".");
        }
        return address;
    }

    private static @Nullable URI parsed(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static RemoteOptions patient(URI address) {
        try {
            RemoteOptions options =
                    RemoteOptions.at(address).withPatience(PATIENCE).withSilence(SILENCE);
            boolean isPlain = address.getScheme().equalsIgnoreCase("http");
            return isPlain ? options.withTls(unused()) : options;
        } catch (MillstreamException senseless) {
            throw new ConfigException(String.valueOf(senseless.getMessage()));
        }
    }

    /// The client of the JDK has a context of TLS in any case, and makes the usual one, which reads
    /// the certificates of all authorities, if it is given none. This one believes nobody, and is
    /// not asked either where nothing is encrypted.
    private static SSLContext unused() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Connects. Blocks for some seconds at most.
    ///
    /// @throws MillstreamException if nobody answers, or the user is not let in
    Millstream open() {
        try {
            return Millstream.over(RemoteBackend.open(options));
        } catch (MillstreamException failed) {
            String why = String.valueOf(failed.getMessage());
            if (isAnonymous && why.contains(" refuses: ")) {
                throw new MillstreamException(
                        why
                                + " Set "
                                + NAME_VARIABLE
                                + " and "
                                + PASSWORD_VARIABLE
                                + ", or name them in the address.",
                        failed);
            }
            throw failed;
        }
    }
}
