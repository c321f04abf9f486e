package io.millstream.server.jobs;

import io.millstream.protocols.http.Asked;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long a client prefers to wait for an answer: `Prefer: wait=10`, as RFC 7240 has it. What
/// cannot be read is no preference.
final class Preferred {
    private static final Pattern WAIT =
            Pattern.compile("(?:^|[,;]\\s*)wait\\s*=\\s*\"?([0-9]{1,9})\"?\\s*(?:$|[,;])");

    private Preferred() {}

    /// Zero if it does not say.
    ///
    /// @param most which longer ones are cut to
    static Duration wait(Asked asked, Duration most) {
        String header = asked.header("prefer");
        if (header == null) {
            return Duration.ZERO;
        }
        Matcher wait = WAIT.matcher(header.strip().toLowerCase(Locale.ROOT));
        if (!wait.find()) {
            return Duration.ZERO;
        }
        Duration wanted = Duration.ofSeconds(Long.parseLong(wait.group(1)));
        return wanted.compareTo(most) > 0 ? most : wanted;
    }
}
