package io.millstream.protocols.aws.wire;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

import java.util.Map;

/// Writes answers and errors of the JSON protocol.
final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonWriter() {}

    static byte[] answer(Tree result) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out, result);
        }
        return bytes.toByteArray();
    }

    static byte[] fault(Fault fault) {
        return answer(
                Tree.Fields.empty().with("__type", fault.type()).with("message", fault.message()));
    }

    private static void write(JsonGenerator out, Tree tree) {
        switch (tree) {
            case Tree.Nothing _ -> out.writeNull();
            case Tree.Text text -> out.writeString(text.value());
            case Tree.Whole whole -> out.writeNumber(whole.value());
            case Tree.Flag flag -> out.writeBoolean(flag.value());
            case Tree.Fields fields -> write(out, fields.members());
            case Tree.Table table -> write(out, table.rows());
            case Tree.Items items -> {
                out.writeStartArray();
                for (Tree item : items.items()) {
                    write(out, item);
                }
                out.writeEndArray();
            }
        }
    }

    private static void write(JsonGenerator out, Map<String, Tree> members) {
        out.writeStartObject();
        for (Map.Entry<String, Tree> member : members.entrySet()) {
            out.writeName(member.getKey());
            write(out, member.getValue());
        }
        out.writeEndObject();
    }
}
