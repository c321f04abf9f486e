package io.millstream.engine.route;

import io.millstream.api.Bytes;
import io.millstream.api.Header;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Headers as values that can be compared.
final class HeaderValues {
    private static final String ARRAY = "text.Array";

    private HeaderValues() {}

    /// What a filter sees: texts, numbers and lists by name. A name that comes twice has the values
    /// of both; bytes have none.
    static Map<String, @Nullable Object> of(List<Header> headers) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (Header header : headers) {
            if (isOf(Header.BYTES, header.type())) {
                continue;
            }
            Object value = valueOf(header);
            if (values.containsKey(header.name())) {
                values.put(header.name(), both(values.get(header.name()), value));
            } else {
                values.put(header.name(), value);
            }
        }
        return values;
    }

    private static @Nullable Object valueOf(Header header) {
        if (header.type().equals(ARRAY)) {
            List<@Nullable Object> list = JsonText.array(header.value());
            return list == null ? header.text() : list;
        }
        if (isOf(Header.NUMBER, header.type())) {
            BigDecimal number = number(header);
            return number == null ? header.text() : number;
        }
        return header.text();
    }

    private static Object both(@Nullable Object one, @Nullable Object other) {
        List<@Nullable Object> all = new ArrayList<>();
        for (Object value : Arrays.asList(one, other)) {
            if (value instanceof List<?> list) {
                all.addAll(list);
            } else {
                all.add(value);
            }
        }
        return all;
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
