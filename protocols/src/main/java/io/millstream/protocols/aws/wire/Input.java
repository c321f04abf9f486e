package io.millstream.protocols.aws.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The parameters of a request, read by name and type. A wrong type is a fault that names it.
public final class Input {
    /// Of ASCII's digits: Java reads those of every script, and a plus.
    public static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,10}");

    private final Wire wire;
    private final String action;
    private final String path;
    private final String resource;
    private final Map<String, Tree> members;

    Input(Wire wire, String action, String resource, Tree.Fields fields) {
        this(wire, action, resource, "", fields);
    }

    private Input(Wire wire, String action, String resource, String path, Tree.Fields fields) {
        this.wire = wire;
        this.action = action;
        this.resource = resource;
        this.path = path;
        this.members = fields.members();
    }

    /// The protocol that it came in.
    public Wire wire() {
        return wire;
    }

    /// The action that is asked for.
    public String action() {
        return action;
    }

    /// The path of the address that a query was sent to; empty in JSON, where it says nothing.
    public String resource() {
        return resource;
    }

    /// Refuses a parameter that is not among `known`, so that none is silently ignored.
    public void allow(Set<String> known) {
        for (String name : members.keySet()) {
            if (!known.contains(name)) {
                throw AwsError.INVALID_PARAMETER.with(
                        "The parameter "
                                + path
                                + name
                                + " of "
                                + action
                                + " is not known to this version. Leave it out.");
            }
        }
    }

    /// Whether there is a parameter of this name.
    public boolean has(String name) {
        return members.containsKey(name);
    }

    /// A text, or null if it is not there.
    public @Nullable String text(String name) {
        Tree value = members.get(name);
        return switch (value) {
            case null -> null;
            case Tree.Text text -> text.value();
            default -> throw wrong(name, "a string");
        };
    }

    /// A text that must be there and not be empty.
    public String requiredText(String name) {
        String text = text(name);
        if (text == null || text.isEmpty()) {
            throw missing(name);
        }
        return text;
    }

    /// A whole number, or null if it is not there. In the query protocol all values are texts.
    public @Nullable Integer whole(String name) {
        Tree value = members.get(name);
        return switch (value) {
            case null -> null;
            case Tree.Whole whole -> exact(name, whole.value());
            case Tree.Text text when wire == Wire.QUERY -> parse(name, text.value());
            default -> throw wrong(name, "a whole number");
        };
    }

    /// A whole number that JSON may also hold as a text, or null if it is not there.
    public @Nullable Integer wholeOrText(String name) {
        return members.get(name) instanceof Tree.Text text
                ? parse(name, text.value())
                : whole(name);
    }

    /// Bytes, which travel as base64, or null if they are not there.
    public byte @Nullable [] bytes(String name) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw wrong(name, "bytes in base64");
        }
    }

    /// A list of texts; empty if it is not there.
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Tree item : items(name)) {
            if (!(item instanceof Tree.Text text)) {
                throw wrong(name, "a list of strings");
            }
            texts.add(text.value());
        }
        return texts;
    }

    /// A list of structures; empty if it is not there.
    public List<Input> structures(String name) {
        List<Input> structures = new ArrayList<>();
        for (Tree item : items(name)) {
            if (!(item instanceof Tree.Fields fields)) {
                throw wrong(name, "a list of structures");
            }
            String place = path + name + '.' + (structures.size() + 1) + '.';
            structures.add(new Input(wire, action, resource, place, fields));
        }
        return structures;
    }

    /// A map of texts; empty if it is not there.
    public Map<String, String> textMap(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        map(name)
                .forEach((key, value) -> {
                    if (!(value instanceof Tree.Text text)) {
                        throw wrong(name + '.' + key, "a string");
                    }
                    texts.put(key, text.value());
                });
        return texts;
    }

    /// A map of structures; empty if it is not there.
    public Map<String, Input> structureMap(String name) {
        Map<String, Input> structures = new LinkedHashMap<>();
        map(name)
                .forEach((key, value) -> {
                    String place = path + name + '.' + key;
                    if (!(value instanceof Tree.Fields fields)) {
                        throw wrong(name + '.' + key, "a structure");
                    }
                    structures.put(key, new Input(wire, action, resource, place + '.', fields));
                });
        return structures;
    }

    /// The fault that says that a parameter is missing.
    public FaultException missing(String name) {
        return AwsError.MISSING_PARAMETER.with(
                "The request must contain the parameter " + path + name + ".");
    }

    private List<Tree> items(String name) {
        Tree value = members.get(name);
        return switch (value) {
            case null -> List.of();
            case Tree.Items items -> items.items();
            default -> throw wrong(name, "a list");
        };
    }

    private Map<String, Tree> map(String name) {
        Tree value = members.get(name);
        return switch (value) {
            case null -> Map.of();
            case Tree.Fields fields -> fields.members();
            default -> throw wrong(name, "a map");
        };
    }

    private Integer exact(String name, long value) {
        if (value != (int) value) {
            throw invalid(name, Long.toString(value), "It must be a whole number of 32 bits.");
        }
        return (int) value;
    }

    private Integer parse(String name, String text) {
        try {
            if (WHOLE.matcher(text).matches()) {
                return Integer.valueOf(text);
            }
        } catch (NumberFormatException e) {
            // Refused below, like what has other characters.
        }
        throw invalid(name, text, "It must be a whole number.");
    }

    /// The fault that says that a parameter's value is not among those allowed.
    public FaultException invalid(String name, String value, String reason) {
        return AwsError.INVALID_PARAMETER.with(
                "Value "
                        + value
                        + " for parameter "
                        + path
                        + name
                        + " is invalid. Reason: "
                        + reason);
    }

    private FaultException wrong(String name, String wanted) {
        AwsError error = wire == Wire.JSON ? AwsError.MALFORMED : AwsError.MALFORMED_QUERY;
        return error.with(
                "The parameter " + path + name + " of " + action + " is not " + wanted + ".");
    }
}
