package io.millstream.protocols.access;

import io.millstream.api.Bytes;
import io.millstream.api.MillstreamException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A user as the value of a row, whose key is its name. Big endian; a text is its length in two
/// bytes and its UTF-8, as [DataOutputStream#writeUTF].
///
/// ```
/// +---------+-----------+--------------------------------+--------+----------------------+
/// | version | verifiers | verifiers times: kind, content | grants | grants times: verbs, |
/// |    1    |     1     |                  1             |   1    | one bit each   1     |
/// +---------+-----------+--------------------------------+--------+ pattern        text  |
///                                                                 +----------------------+
/// kind 1, password:  iterations 4, length 1, salt, length 1, hash
/// kind 2, AWS key:   id text, secret text
/// ```
final class UserCodec {
    private static final int VERSION = 1;
    private static final int PASSWORD = 1;
    private static final int AWS_KEY = 2;

    private UserCodec() {}

    static Bytes write(User user) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeByte(user.verifiers().size());
            for (Verifier verifier : user.verifiers()) {
                write(verifier, out);
            }
            out.writeByte(user.grants().size());
            for (Grant grant : user.grants()) {
                int bits = 0;
                for (Verb verb : grant.verbs()) {
                    bits |= bit(verb);
                }
                out.writeByte(bits);
                out.writeUTF(grant.pattern());
            }
        } catch (IOException e) {
            throw new IllegalStateException("Memory does not fail", e);
        }
        return Bytes.of(bytes.toByteArray());
    }

    private static void write(Verifier verifier, DataOutputStream out) throws IOException {
        switch (verifier) {
            case Verifier.Password password -> {
                out.writeByte(PASSWORD);
                out.writeInt(password.iterations());
                writeShort(password.salt(), out);
                writeShort(password.hash(), out);
            }
            case Verifier.AwsKey key -> {
                out.writeByte(AWS_KEY);
                out.writeUTF(key.id());
                out.writeUTF(key.secret());
            }
        }
    }

    /// @throws MillstreamException if a newer version wrote it, or it is damaged
    static User read(String name, Bytes value) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value.toArray()))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new MillstreamException(
                        "The user "
                                + name
                                + " is stored in format "
                                + version
                                + ", and this version of Millstream reads format "
                                + VERSION
                                + ". It can do nothing until the newer version is started.");
            }
            List<Verifier> verifiers = new ArrayList<>();
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                verifiers.add(readVerifier(in));
            }
            List<Grant> grants = new ArrayList<>();
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                grants.add(new Grant(verbs(in.readUnsignedByte()), in.readUTF()));
            }
            return new User(name, verifiers, grants);
        } catch (IOException | IllegalArgumentException e) {
            throw new MillstreamException(
                    "The user "
                            + name
                            + " cannot be read from the store: "
                            + e.getMessage()
                            + ". It can do nothing now. Remove it and add it again.",
                    e);
        }
    }

    private static Verifier readVerifier(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case PASSWORD -> {
                int iterations = in.readInt();
                byte[] salt = readShort(in);
                yield new Verifier.Password(salt, iterations, readShort(in));
            }
            case AWS_KEY -> new Verifier.AwsKey(in.readUTF(), in.readUTF());
            default -> throw new IOException("there is no kind " + kind + " of verifier");
        };
    }

    private static Set<Verb> verbs(int bits) {
        Set<Verb> verbs = EnumSet.noneOf(Verb.class);
        for (Verb verb : Verb.values()) {
            if ((bits & bit(verb)) != 0) {
                verbs.add(verb);
            }
        }
        return verbs;
    }

    private static int bit(Verb verb) {
        return switch (verb) {
            case READ -> 1;
            case WRITE -> 2;
            case MANAGE -> 4;
        };
    }

    private static void writeShort(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeByte(bytes.length);
        out.write(bytes);
    }

    private static byte[] readShort(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedByte()];
        in.readFully(bytes);
        return bytes;
    }
}
