package io.millstream.server.client;

import tools.jackson.databind.node.ObjectNode;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What a command prints: for people, or as one JSON object a line. In UTF-8 whatever the system
/// thinks, since what is printed may be anybody's bytes.
final class Output {
    private final PrintStream out;
    private final PrintStream err;
    private final boolean isJson;

    Output(PrintStream out, PrintStream err, boolean isJson) {
        this.out = out;
        this.err = err;
        this.isJson = isJson;
    }

    boolean isJson() {
        return isJson;
    }

    /// A sentence for people, or an object for programs.
    void say(ObjectNode json, String sentence, Object... values) {
        if (isJson) {
            json(json);
        } else {
            line(values.length == 0 ? sentence : sentence.formatted(values));
        }
    }

    /// A line of text of this program's own, or of [Texts].
    void line(String text) {
        bytes(text.getBytes(StandardCharsets.UTF_8));
        newLine();
    }

    void json(ObjectNode json) {
        line(json.toString());
    }

    /// JSON that is written already.
    void json(byte[] json) {
        bytes(json);
        newLine();
    }

    /// Anybody's bytes, as they are.
    void bytes(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
    }

    void newLine() {
        out.write('\n');
    }

    /// A remark that is no part of what was asked for.
    void note(String sentence) {
        err.println("millstream: " + Texts.line(sentence));
        err.flush();
    }

    /// One thing with its properties below each other.
    void details(Map<String, ?> properties) {
        int width = properties.keySet().stream().mapToInt(String::length).max().orElse(0);
        properties.forEach((name, value) ->
                line(name + " ".repeat(width - name.length() + 2) + Texts.line(value.toString())));
    }

    /// Hands over what was printed.
    ///
    /// @return whether somebody takes it: not if it is piped into what has ended
    boolean flush() {
        return !out.checkError();
    }
}
