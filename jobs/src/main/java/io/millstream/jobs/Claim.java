package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/// What keeps others out while a unique job is there: a row of [Claims], which the job's message
/// names in the header `millstream-unique`, as `done jobs/order.charge/=7`.
///
/// @param until when the key is free again
/// @param key of the row: the queue, the type's name, and by what its jobs are compared
record Claim(Until until, String key) {
    private static final String HEADER = "millstream-unique";
    private static final int KEY_CHARS_MAX = 256;

    /// When a key is free again.
    enum Until {
        /// When a worker begins with the job.
        STARTED,
        /// When the job has ended.
        DONE,
        /// When a time has passed.
        TIME
    }

    /// The key of the row for a job. What is in one queue keeps nobody out of another one, so that
    /// the right to send to a queue is one to keep others out there and nowhere else.
    ///
    /// @param by what its jobs are compared by; one that is long is known by its digest
    static String key(ChannelName queue, JobType<?, ?> type, String by) {
        return queue
                + "/"
                + type.name()
                + "/"
                + (by.length() <= KEY_CHARS_MAX ? "=" + by : digest(by));
    }

    private static String digest(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] bytes = digest.digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(bytes);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("Each JDK has SHA-256", absent);
        }
    }

    Header header() {
        return Header.text(HEADER, until.name().toLowerCase(Locale.ROOT) + " " + key);
    }

    /// What the job of a message keeps others out by, or null.
    static @Nullable Claim of(Message message) {
        String text = message.header(HEADER).map(header -> header.value().utf8()).orElse("");
        if (text.isEmpty()) {
            // Most jobs are not unique.
            return null;
        }
        for (Until until : Until.values()) {
            String word = until.name().toLowerCase(Locale.ROOT) + " ";
            if (text.startsWith(word) && text.length() > word.length()) {
                return new Claim(until, text.substring(word.length()));
            }
        }
        return null;
    }
}
