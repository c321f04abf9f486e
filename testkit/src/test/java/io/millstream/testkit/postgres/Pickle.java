package io.millstream.testkit.postgres;

import io.millstream.api.Bytes;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Any record of the seam as bytes, by reflection: enough for a spike, since the seam has no form
/// of a definition that a backend could store.
final class Pickle {

    private Pickle() {}

    static byte[] write(Object value) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            write(out, value);
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot write " + value, e);
        }
        return bytes.toByteArray();
    }

    static <T> T read(Class<T> type, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return type.cast(read(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot read a " + type, e);
        }
    }

    private static void write(DataOutputStream out, Object value)
            throws IOException, ReflectiveOperationException {
        out.writeUTF(value == null ? "" : tag(value));
        switch (value) {
            case null -> {}
            case String text -> writeBytes(out, Bytes.utf8(text));
            case BigDecimal number -> out.writeUTF(number.toString());
            case Integer number -> out.writeInt(number);
            case Long number -> out.writeLong(number);
            case Double number -> out.writeDouble(number);
            case Boolean bool -> out.writeBoolean(bool);
            case Duration time -> {
                out.writeLong(time.getSeconds());
                out.writeInt(time.getNano());
            }
            case Instant time -> {
                out.writeLong(time.getEpochSecond());
                out.writeInt(time.getNano());
            }
            case Bytes bytes -> writeBytes(out, bytes);
            case Enum<?> constant -> out.writeUTF(constant.name());
            case List<?> list -> {
                out.writeInt(list.size());
                for (Object item : list) write(out, item);
            }
            case Map<?, ?> map -> {
                out.writeInt(map.size());
                for (var entry : map.entrySet()) {
                    write(out, entry.getKey());
                    write(out, entry.getValue());
                }
            }
            case Record record -> {
                for (RecordComponent part : record.getClass().getRecordComponents()) {
                    part.getAccessor().setAccessible(true);
                    write(out, part.getAccessor().invoke(record));
                }
            }
            default -> throw new IllegalArgumentException("No form for " + value.getClass());
        }
    }

    private static void writeBytes(DataOutputStream out, Bytes bytes) throws IOException {
        out.writeInt(bytes.length());
        out.write(bytes.toArray());
    }

    private static String tag(Object value) {
        return switch (value) {
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "map";
            case Enum<?> constant -> constant.getDeclaringClass().getName();
            default -> value.getClass().getName();
        };
    }

    private static Object read(DataInputStream in)
            throws IOException, ReflectiveOperationException {
        String tag = in.readUTF();
        return switch (tag) {
            case "" -> null;
            case "java.lang.String" -> bytes(in).utf8();
            case "java.math.BigDecimal" -> new BigDecimal(in.readUTF());
            case "java.lang.Integer" -> in.readInt();
            case "java.lang.Long" -> in.readLong();
            case "java.lang.Double" -> in.readDouble();
            case "java.lang.Boolean" -> in.readBoolean();
            case "java.time.Duration" -> Duration.ofSeconds(in.readLong(), in.readInt());
            case "java.time.Instant" -> Instant.ofEpochSecond(in.readLong(), in.readInt());
            case "io.millstream.api.Bytes" -> bytes(in);
            case "list" -> {
                List<Object> list = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) list.add(read(in));
                yield list;
            }
            case "map" -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (int left = in.readInt(); left > 0; left--) map.put(read(in), read(in));
                yield map;
            }
            default -> readDeclared(in, Class.forName(tag));
        };
    }

    private static Bytes bytes(DataInputStream in) throws IOException {
        return Bytes.of(in.readNBytes(in.readInt()));
    }

    private static Object readDeclared(DataInputStream in, Class<?> type)
            throws IOException, ReflectiveOperationException {
        if (type.isEnum()) {
            String name = in.readUTF();
            for (Object constant : type.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(name)) return constant;
            }
            throw new IllegalStateException(type + " has no " + name);
        }
        RecordComponent[] parts = type.getRecordComponents();
        Class<?>[] types = new Class<?>[parts.length];
        Object[] values = new Object[parts.length];
        for (int i = 0; i < parts.length; i++) {
            types[i] = parts[i].getType();
            values[i] = read(in);
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }
}
