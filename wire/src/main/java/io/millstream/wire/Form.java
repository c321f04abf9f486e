package io.millstream.wire;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

import java.time.DateTimeException;
import java.util.List;

/// How one type is written and read as JSON. Without state; for use by any thread.
///
/// @param <T> the type
public final class Form<T> {
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamWriteConstraints(
                            StreamWriteConstraints.builder()
                                    .maxNestingDepth(Bounds.DEPTH_MAX)
                                    .build())
                    .build();

    private final Kind<T> kind;

    Form(Kind<T> kind) {
        this.kind = kind;
    }

    /// Its one form, in UTF-8, without spaces and ends of lines.
    ///
    /// @throws IllegalArgumentException if a text in it has half of a surrogate pair, which no
    ///   UTF-8 could give back, or a number or its depth is beyond [Bounds]
    public byte[] write(T value) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            kind.write(out, value);
        } catch (JacksonException unwritable) {
            throw new IllegalArgumentException(
                    "It cannot be sent as JSON: " + unwritable.getOriginalMessage(), unwritable);
        } catch (ArithmeticException | DateTimeException unwritable) {
            throw new IllegalArgumentException(
                    "It cannot be sent as JSON: " + unwritable.getMessage(), unwritable);
        }
        return bytes.toByteArray();
    }

    /// The value, of what a stranger has sent.
    ///
    /// @throws MalformedException if it is anything else
    public T read(byte[] json) {
        return read(json, Bounds.REQUEST);
    }

    /// The value.
    ///
    /// @throws MalformedException if it is anything else, or more than the bounds allow
    public T read(byte[] json, Bounds bounds) {
        return kind.read(Place.ROOT, Tree.read(json, bounds));
    }

    /// An array of it.
    public Form<List<T>> list() {
        return new Form<>(Kinds.list(kind));
    }
}
