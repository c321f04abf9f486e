package io.millstream.protocols.aws.wire;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads a form, `Entry.1.Id=a&Entry.1.Body=b`, into the [Tree] that the same request in JSON
/// gives.
final class QueryReader {
    private static final int PARAMETERS_MAX = 5_000;
    private static final int DEPTH_MAX = 8;
    private static final int INDEX_DIGITS_MAX = 6;

    private final Dialect dialect;

    private QueryReader(Dialect dialect) {
        this.dialect = dialect;
    }

    /// The structure in `form`, with the parameters' paths unfolded.
    static Tree.Fields read(byte[] form, Dialect dialect) {
        Branch root = new Branch();
        int parameters = 0;
        for (int begin = 0; begin < form.length; ) {
            int end = indexOf(form, '&', begin, form.length);
            if (end > begin) {
                if (++parameters > PARAMETERS_MAX) {
                    throw malformed("There are more than " + PARAMETERS_MAX + " parameters.");
                }
                int equals = indexOf(form, '=', begin, end);
                String name = decode(form, begin, equals);
                root.put(name, equals < end ? decode(form, equals + 1, end) : "");
            }
            begin = end + 1;
        }
        return new QueryReader(dialect).fields(root);
    }

    /// The value of a parameter as it is written, undecoded, or null if it is not among the first
    /// ones, of which a form may have no more.
    static @Nullable String find(byte[] form, String name) {
        byte[] wanted = (name + '=').getBytes(StandardCharsets.US_ASCII);
        int parameters = 0;
        for (int begin = 0; begin < form.length && parameters < PARAMETERS_MAX; ) {
            int end = indexOf(form, '&', begin, form.length);
            int value = begin + wanted.length;
            if (value <= end && Arrays.equals(form, begin, value, wanted, 0, wanted.length)) {
                return new String(form, value, end - value, StandardCharsets.ISO_8859_1);
            }
            if (end > begin) {
                parameters++;
            }
            begin = end + 1;
        }
        return null;
    }

    /// A parameter's path on its way to a tree: texts at the ends, branches between.
    private static final class Branch {
        final Map<String, Object> children = new LinkedHashMap<>();

        void put(String path, String value) {
            Branch branch = this;
            int begin = 0;
            for (int depth = 1; ; depth++) {
                int dot = path.indexOf('.', begin);
                if (dot < 0) {
                    break;
                }
                if (depth > DEPTH_MAX) {
                    throw malformed("The parameter " + path + " has too many parts.");
                }
                Object child =
                        branch.children.computeIfAbsent(
                                path.substring(begin, dot), absent -> new Branch());
                branch = child instanceof Branch inner ? inner : reject(path);
                begin = dot + 1;
            }
            if (branch.children.put(path.substring(begin), value) != null) {
                reject(path);
            }
        }

        private static Branch reject(String path) {
            throw malformed("The parameter " + path + " stands there twice.");
        }
    }

    private Tree.Fields fields(Branch branch) {
        Map<String, Tree> members = new LinkedHashMap<>();
        for (Map.Entry<String, Object> child : branch.children.entrySet()) {
            String name = child.getKey();
            Dialect.Plural plural = dialect.plurals().get(name);
            if (plural != null && child.getValue() instanceof Branch entries) {
                members.put(plural.member(), plural(name, plural, unwrapped(name, entries)));
            } else {
                members.put(name, value(child.getValue()));
            }
        }
        return new Tree.Fields(members);
    }

    /// What stands in the element that a list or a map is, where a dialect has one.
    private Branch unwrapped(String name, Branch entries) {
        if (!dialect.wrapped()) {
            return entries;
        }
        for (String element : List.of("member", "entry")) {
            if (entries.children.size() == 1
                    && entries.children.get(element) instanceof Branch inner) {
                return inner;
            }
        }
        throw malformed(
                "The parameter " + name + " should go on with .member.1 or .entry.1 and so on.");
    }

    private Tree value(Object child) {
        return child instanceof Branch branch ? fields(branch) : new Tree.Text((String) child);
    }

    private Tree plural(String name, Dialect.Plural plural, Branch entries) {
        return switch (plural) {
            case Dialect.Plural.OfItems _ -> {
                List<Tree> items = new ArrayList<>();
                ordered(name, entries).values().forEach(child -> items.add(value(child)));
                yield new Tree.Items("", items);
            }
            case Dialect.Plural.OfEntries map -> {
                // One entry may come without a number, as the oldest clients write it.
                Map<Integer, Object> rows =
                        entries.children.containsKey(map.key())
                                ? Map.of(1, entries)
                                : ordered(name, entries);
                Map<String, Tree> members = new LinkedHashMap<>();
                rows.forEach((index, row) -> entry(name + '.' + index, map, row, members));
                yield new Tree.Fields(members);
            }
        };
    }

    private void entry(
            String path, Dialect.Plural.OfEntries map, Object row, Map<String, Tree> members) {
        Map<String, Object> parts = row instanceof Branch branch ? branch.children : Map.of();
        if (!(parts.get(map.key()) instanceof String key)) {
            throw missing(path + '.' + map.key());
        }
        Object value = parts.get(map.value());
        if (value == null) {
            throw missing(path + '.' + map.value());
        }
        if (members.put(key, value(value)) != null) {
            throw malformed(path + '.' + map.key() + " names " + key + " a second time.");
        }
    }

    private static Map<Integer, Object> ordered(String name, Branch entries) {
        Map<Integer, Object> ordered = new TreeMap<>();
        for (Map.Entry<String, Object> entry : entries.children.entrySet()) {
            Integer index = index(entry.getKey());
            if (index == null) {
                throw malformed(
                        "The parameter "
                                + name
                                + '.'
                                + entry.getKey()
                                + " should have a number from 1 after "
                                + name
                                + '.');
            }
            ordered.put(index, entry.getValue());
        }
        return ordered;
    }

    private static @Nullable Integer index(String text) {
        boolean digits = !text.isEmpty() && text.length() <= INDEX_DIGITS_MAX;
        for (int i = 0; digits && i < text.length(); i++) {
            digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        int index = digits ? Integer.parseInt(text) : 0;
        return index == 0 ? null : Integer.valueOf(index);
    }

    private static int indexOf(byte[] bytes, char wanted, int begin, int end) {
        for (int i = begin; i < end; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return end;
    }

    private static String decode(byte[] form, int begin, int end) {
        byte[] bytes = new byte[end - begin];
        int length = 0;
        for (int i = begin; i < end; i++) {
            byte b = form[i];
            if (b == '%') {
                if (i + 2 >= end) {
                    throw malformed("A % is followed by fewer than two digits.");
                }
                b = (byte) ((digit(form[i + 1]) << 4) | digit(form[i + 2]));
                i += 2;
            } else if (b == '+') {
                b = ' ';
            }
            bytes[length++] = b;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("A parameter is not encoded in UTF-8.");
        }
    }

    private static int digit(byte b) {
        int digit = Character.digit(b, 16);
        if (digit < 0) {
            throw malformed("A % is followed by something that is not a hexadecimal digit.");
        }
        return digit;
    }

    private static FaultException missing(String parameter) {
        return AwsError.MISSING_PARAMETER.with(
                "The request must contain the parameter " + parameter + ".");
    }

    private static FaultException malformed(String message) {
        return AwsError.MALFORMED_QUERY.with(message);
    }
}
