package io.millstream.server.work;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

import java.nio.charset.StandardCharsets;

/// What programs and endpoints answer, as the result of a job.
final class Answers {
    /// The longest one that is kept, in bytes: results are rows, which the server keeps in its
    /// heap.
    static final int BYTES_MAX = 256 << 10;

    private static final ObjectReader JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build()
                    .reader();

    private Answers() {}

    /// Nothing if it is blank, JSON if it is JSON, and else a text, without the end of its last
    /// line.
    static @Nullable JsonNode result(byte[] answer) {
        String text = new String(answer, StandardCharsets.UTF_8);
        if (text.isBlank()) {
            return null;
        }
        JsonNode json = json(answer);
        return json == null
                ? JsonNodeFactory.instance.stringNode(text.replaceFirst("\\r?\\n\\z", ""))
                : json;
    }

    /// Null if it is no JSON.
    static @Nullable JsonNode json(byte[] answer) {
        try {
            JsonNode json = JSON.readTree(answer);
            return json.isMissingNode() ? null : json;
        } catch (JacksonException _) {
            return null;
        }
    }

    /// Why an answer that is longer, and that somebody awaits, cannot be told. It is not asked for
    /// again: that would do the work again, to the same end.
    static String tooLong(String what) {
        return "It was done, but %s is longer than %d bytes, and a result is no longer than that."
                .formatted(what, BYTES_MAX);
    }

    /// What of a text fits into a line of a reason.
    static String line(String text, int chars) {
        String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return line.length() <= chars ? line : line.substring(0, chars - 1) + "…";
    }
}
