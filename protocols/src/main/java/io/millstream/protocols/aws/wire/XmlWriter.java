package io.millstream.protocols.aws.wire;

import tools.jackson.core.util.ByteArrayBuilder;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Writes answers and errors of the query protocol. A large one is encoded bit by bit, so that it
/// is never there as text and as bytes at once.
final class XmlWriter {
    private static final String PROLOG = "<?xml version=\"1.0\"?>";
    private static final int ANSWER_CHARS = 512;
    private static final int ENCODED_CHARS_MIN = 8 << 10;

    private final StringBuilder out = new StringBuilder(ANSWER_CHARS);
    private final ByteArrayBuilder encoded = new ByteArrayBuilder();

    private XmlWriter() {}

    static byte[] answer(String namespace, String action, String requestId, Tree result) {
        XmlWriter xml = new XmlWriter();
        xml.out.append(PROLOG);
        xml.root(action + "Response", namespace);
        if (result instanceof Tree.Fields fields) {
            xml.open(action + "Result").members(fields).close(action + "Result");
        }
        xml.open("ResponseMetadata").leaf("RequestId", requestId).close("ResponseMetadata");
        return xml.close(action + "Response").bytes();
    }

    static byte[] fault(String namespace, String requestId, Fault fault) {
        XmlWriter xml = new XmlWriter();
        xml.out.append(PROLOG);
        xml.root("ErrorResponse", namespace);
        xml.open("Error")
                .leaf("Type", fault.blame())
                .leaf("Code", fault.code())
                .leaf("Message", fault.message())
                .leaf("Detail", "")
                .close("Error");
        return xml.leaf("RequestId", requestId).close("ErrorResponse").bytes();
    }

    private void root(String name, String namespace) {
        out.append('<').append(name).append(" xmlns=\"").append(namespace).append("\">");
    }

    private XmlWriter members(Tree.Fields fields) {
        fields.members().forEach(this::element);
        return this;
    }

    private void element(String name, Tree tree) {
        switch (tree) {
            case Tree.Nothing _ -> {}
            case Tree.Text text -> leaf(name, text.value());
            case Tree.Whole whole -> leaf(name, Long.toString(whole.value()));
            case Tree.Flag flag -> leaf(name, Boolean.toString(flag.value()));
            case Tree.Fields fields -> open(name).members(fields).close(name);
            case Tree.Items items -> items.items().forEach(item -> element(items.element(), item));
            case Tree.Table table -> {
                for (Map.Entry<String, Tree> row : table.rows().entrySet()) {
                    open(table.element()).leaf(table.key(), row.getKey());
                    element(table.value(), row.getValue());
                    close(table.element());
                }
            }
        }
    }

    private XmlWriter leaf(String name, String text) {
        open(name);
        escape(text);
        return close(name);
    }

    private XmlWriter open(String name) {
        out.append('<').append(name).append('>');
        return this;
    }

    private XmlWriter close(String name) {
        out.append("</").append(name).append('>');
        return this;
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                // A reader of XML would turn a bare one into a line feed.
                case '\r' -> out.append("&#xD;");
                default -> out.append(allowed(c) ? c : '\uFFFD');
            }
            if (out.length() >= ENCODED_CHARS_MIN && !Character.isHighSurrogate(c)) {
                encode();
            }
        }
    }

    /// Whether XML 1.0 can hold it; halves of a pair are let through and encoded together.
    private static boolean allowed(char c) {
        return c >= ' ' ? c < '\uFFFE' : c == '\t' || c == '\n';
    }

    private byte[] bytes() {
        encode();
        return encoded.toByteArray();
    }

    private void encode() {
        byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
        encoded.write(bytes, 0, bytes.length);
        out.setLength(0);
    }
}
