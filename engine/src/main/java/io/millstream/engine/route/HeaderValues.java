package io.millstream.engine.route;

import io.millstream.api.Bytes;
import io.millstream.api.Header;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Headers as values that can be compared.
final class HeaderValues {
    private static final String ARRAY = "text.Array";

    private HeaderValues() {}

    /// What a filter sees: texts, numbers and lists by name, and all of them where a name comes
    /// several times; bytes are none.
    static Map<String, @Nullable Object> of(List<Header> headers) {
        Map<String, @Nullable Object> all = new HashMap<>();
        for (Header header : headers) {
            if (!isOf(Header.BYTES, header.type())) {
                valuesOf(header.name(), all).addAll(valuesOf(header));
            }
        }
        return all;
    }

    /// The list of a name, which is made if there is none.
    @SuppressWarnings("unchecked") // Nothing else is put into it.
    private static List<@Nullable Object> valuesOf(String name, Map<String, @Nullable Object> all) {
        return (List<@Nullable Object>) all.computeIfAbsent(name, _ -> new ArrayList<>(1));
    }

    private static List<@Nullable Object> valuesOf(Header header) {
        if (header.type().equals(ARRAY)) {
            List<@Nullable Object> list = JsonText.array(header.value());
            return list == null ? List.of(header.text()) : list;
        }
        BigDecimal number = isOf(Header.NUMBER, header.type()) ? number(header) : null;
        return List.of(number == null ? header.text() : number);
    }

    private static boolean isOf(String kind, String type) {
        return type.equals(kind) || type.startsWith(kind + ".");
    }

    private static @Nullable BigDecimal number(Header header) {
        Bytes text = header.value();
        return text.length() > JsonText.NUMBER_CHARS_MAX ? null : JsonText.number(text.utf8());
    }

    /// Whether a binding's header is equal to a message's, by kind and value.
    static boolean isEqual(Header asked, Header there) {
        if (isOf(Header.NUMBER, asked.type()) && isOf(Header.NUMBER, there.type())) {
            BigDecimal one = number(asked);
            BigDecimal other = number(there);
            if (one != null && other != null) {
                return one.compareTo(other) == 0;
            }
        }
        return kindOf(asked.type()).equals(kindOf(there.type()))
                && asked.value().equals(there.value());
    }

    private static String kindOf(String type) {
        int dot = type.indexOf('.');
        return dot < 0 ? type : type.substring(0, dot);
    }
}
