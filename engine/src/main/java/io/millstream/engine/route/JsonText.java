package io.millstream.engine.route;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON (RFC 8259) as maps, lists, texts, [BigDecimal]s, booleans and null, for filters that
/// look into a body. What is not JSON is nothing; of a name that comes twice the last one counts.
///
/// Of our own because what a stored filter means must not depend on which reader whoever opens the
/// store brings along, and the engine has no libraries.
final class JsonText {
    /// Longer numbers are taken for nothing: comparing them could take any time.
    static final int NUMBER_CHARS_MAX = 400;

    private static final int DEPTH_MAX = 200;
    private static final int EXPONENT_DIGITS_MAX = 4;

    private final String text;
    private int at;
    private int depth;

    private JsonText(String text) {
        this.text = text;
    }

    /// It is not JSON.
    private static final class NoJsonException extends Exception {
        private static final long serialVersionUID = 1;

        NoJsonException(String what) {
            super(what, null, false, false);
        }
    }

    /// The object that these bytes are, or null if they are none.
    @SuppressWarnings("unchecked") // Objects are read as such maps.
    static @Nullable Map<String, @Nullable Object> object(Bytes bytes) {
        return read(bytes) instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : null;
    }

    /// The array that these bytes are, or null if they are none.
    @SuppressWarnings("unchecked") // Arrays are read as such lists.
    static @Nullable List<@Nullable Object> array(Bytes bytes) {
        return read(bytes) instanceof List<?> list ? (List<@Nullable Object>) list : null;
    }

    private static @Nullable Object read(Bytes bytes) {
        try {
            ByteBuffer buffer = bytes.asBuffer();
            JsonText json =
                    new JsonText(StandardCharsets.UTF_8.newDecoder().decode(buffer).toString());
            Object value = json.value();
            json.space();
            return json.at == json.text.length() ? value : null;
        } catch (CharacterCodingException | NoJsonException none) {
            return null;
        }
    }

    /// The number that a text is, as JSON writes it, or null if it is none.
    static @Nullable BigDecimal number(String text) {
        try {
            JsonText json = new JsonText(text);
            BigDecimal number = json.number();
            return json.at == text.length() ? number : null;
        } catch (NoJsonException none) {
            return null;
        }
    }

    private @Nullable Object value() throws NoJsonException {
        space();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, @Nullable Object> object() throws NoJsonException {
        enter();
        Map<String, @Nullable Object> map = new HashMap<>();
        if (!closes('}')) {
            do {
                space();
                String name = string();
                space();
                expect(':');
                map.put(name, value());
                space();
            } while (continues('}'));
        }
        depth--;
        return map;
    }

    private List<@Nullable Object> array() throws NoJsonException {
        enter();
        List<@Nullable Object> list = new ArrayList<>();
        if (!closes(']')) {
            do {
                list.add(value());
                space();
            } while (continues(']'));
        }
        depth--;
        return list;
    }

    private void enter() throws NoJsonException {
        at++;
        if (++depth > DEPTH_MAX) {
            throw new NoJsonException("nested too deeply");
        }
    }

    private boolean closes(char end) throws NoJsonException {
        space();
        if (peek() == end) {
            at++;
            return true;
        }
        return false;
    }

    /// Whether a comma comes, and not the end.
    private boolean continues(char end) throws NoJsonException {
        if (peek() == end) {
            at++;
            return false;
        }
        expect(',');
        return true;
    }

    private String string() throws NoJsonException {
        expect('"');
        StringBuilder built = new StringBuilder();
        while (true) {
            char c = take();
            if (c == '"') {
                return built.toString();
            }
            if (c < ' ') {
                throw new NoJsonException("a control character in a text");
            }
            built.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws NoJsonException {
        char c = take();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw new NoJsonException("an unknown escape");
        };
    }

    private char hexadecimal() throws NoJsonException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            char c = take();
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw new NoJsonException("no hexadecimal digit");
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    private BigDecimal number() throws NoJsonException {
        int start = at;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            int first = at;
            digits();
            if (at - first > EXPONENT_DIGITS_MAX) {
                throw new NoJsonException("too large an exponent");
            }
        }
        if (at - start > NUMBER_CHARS_MAX) {
            throw new NoJsonException("too long a number");
        }
        return new BigDecimal(text.substring(start, at));
    }

    private void digits() throws NoJsonException {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw new NoJsonException("no digit");
        }
    }

    private boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private @Nullable Object word(String word, @Nullable Object value) throws NoJsonException {
        if (!text.startsWith(word, at)) {
            throw new NoJsonException("an unknown word");
        }
        at += word.length();
        return value;
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() throws NoJsonException {
        if (at == text.length()) {
            throw new NoJsonException("the end");
        }
        return text.charAt(at);
    }

    private char take() throws NoJsonException {
        char c = peek();
        at++;
        return c;
    }

    private void expect(char c) throws NoJsonException {
        if (take() != c) {
            throw new NoJsonException("not " + c);
        }
    }
}
