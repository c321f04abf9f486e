package io.millstream.server.command;

import io.millstream.server.config.ConfigException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/// A server's status port as a client, with the name and the password that the environment holds.
///
/// @param base its address
/// @param environment where `MILLSTREAM_USER` and `MILLSTREAM_PASSWORD` are, if somebody set them
record StatusPort(URI base, Map<String, String> environment) {
    static final String NAME_VARIABLE = "MILLSTREAM_USER";
    static final String PASSWORD_VARIABLE = "MILLSTREAM_PASSWORD";
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final int UNAUTHORIZED = 401;

    /// @throws ConfigException if this is no address of a server
    static StatusPort at(String server, Map<String, String> environment) {
        try {
            URI address = URI.create(server.replaceFirst("/$", ""));
            String scheme = String.valueOf(address.getScheme());
            if ((scheme.equals("http") || scheme.equals("https")) && address.getHost() != null) {
                return new StatusPort(address, environment);
            }
        } catch (IllegalArgumentException unreadable) {
            // Said below.
        }
        throw new ConfigException(
                server
                        + " is not the address of a server. Give the one of its status port, such"
                        + " as http://127.0.0.1:7171.");
    }

    URI address(String path) {
        return URI.create(base + path);
    }

    /// A request of this path, as the user of the environment.
    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path)).timeout(ANSWER_MAX);
        String name = environment.get(NAME_VARIABLE);
        String password = environment.get(PASSWORD_VARIABLE);
        if (name != null && password != null) {
            byte[] both = (name + ':' + password).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(both));
        }
        return request;
    }

    /// Why the server refused, without a full stop.
    static String explain(int status, byte[] body) {
        String why = detail(status, body);
        return status == UNAUTHORIZED
                ? why + ". Set " + NAME_VARIABLE + " and " + PASSWORD_VARIABLE
                : why;
    }

    private static String detail(int status, byte[] body) {
        try {
            String detail = JsonMapper.shared().readTree(body).path("detail").asString("");
            return detail.isEmpty() ? "status " + status : detail.replaceFirst("\\.$", "");
        } catch (JacksonException unreadable) {
            return "status " + status;
        }
    }
}
