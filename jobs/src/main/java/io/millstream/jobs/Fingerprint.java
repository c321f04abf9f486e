package io.millstream.jobs;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/// What tells causes of death apart: jobs with the same one died of the same.
///
/// Of an exception it is made of what was thrown where, and of no message and no line number, so
/// that neither a value nor an edit above the place makes another one. Where there is no exception
/// it is made of the reason without its numbers.
final class Fingerprint {
    private static final int BYTES = 6;
    private static final int FRAMES_MAX = 40;
    private static final int CAUSES_MAX = 8;

    /// Frames that say how the place was reached and not what it is, and are others with each
    /// version of the library or of Java.
    private static final List<String> PASSED_OVER =
            List.of(
                    "io.millstream.jobs.Crew",
                    "io.millstream.jobs.Execution",
                    "io.millstream.jobs.Workers",
                    "java.lang.",
                    "java.util.concurrent.",
                    "jdk.internal.");

    private static final Pattern COUNTED = Pattern.compile("(?<=[$/])(0x[0-9a-f]+|[0-9]+)");
    private static final Pattern VALUES =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|0x[0-9a-fA-F]+|[0-9]+");

    private Fingerprint() {}

    /// Of what a handler threw, or of the reason if it threw nothing: 12 characters.
    static String of(@Nullable Throwable failure, String reason) {
        return digest(failure == null ? VALUES.matcher(reason).replaceAll("#") : trace(failure));
    }

    private static String trace(Throwable failure) {
        StringBuilder text = new StringBuilder();
        Throwable one = failure;
        for (int causes = 0; one != null && causes <= CAUSES_MAX; causes++) {
            text.append(one.getClass().getName()).append('\n');
            StackTraceElement[] frames = one.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, FRAMES_MAX); i++) {
                String frame = frames[i].getClassName() + "." + frames[i].getMethodName();
                if (PASSED_OVER.stream().noneMatch(frame::startsWith)) {
                    text.append(COUNTED.matcher(frame).replaceAll("")).append('\n');
                }
            }
            one = one.getCause();
        }
        return text.toString();
    }

    private static String digest(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java has SHA-256.", impossible);
        }
    }
}
