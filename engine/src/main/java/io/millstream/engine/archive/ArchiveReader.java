package io.millstream.engine.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/// Reads what [ArchiveWriter] wrote, front to back, and believes none of it before the end.
public final class ArchiveReader {
    private static final int BUFFER_BYTES = 128 << 10;
    private static final int TEXT_BYTES_MAX = 256 << 20;

    /// The last thing in a zip without a comment.
    private static final byte[] ZIP_END = {'P', 'K', 5, 6};

    private static final int ZIP_END_BYTES = 22;

    private final Zip zip;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final StringBuilder seen = new StringBuilder();

    /// Told of the files, in order.
    public interface Receiver {
        /// What will come; nothing of it is proved.
        void begin(Manifest manifest) throws IOException;

        /// A file begins.
        void file(String name) throws IOException;

        /// The first `length` bytes of `bytes` come next in that file.
        void write(byte[] bytes, int length) throws IOException;
    }

    /// Receives nothing: for those who only want to know whether an archive is sound.
    public static final Receiver NOBODY =
            new Receiver() {
                @Override
                public void begin(Manifest manifest) {}

                @Override
                public void file(String name) {}

                @Override
                public void write(byte[] bytes, int length) {}
            };

    /// Lets the end of the stream be looked at, which zip itself does not care for.
    private static final class Zip extends ZipInputStream {
        private Zip(InputStream in) {
            super(in);
        }

        private boolean endsWell() throws IOException {
            byte[] last = new byte[ZIP_END_BYTES];
            int filled = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (filled == last.length) {
                    System.arraycopy(last, 1, last, 0, --filled);
                }
                last[filled++] = (byte) next;
            }
            return filled == last.length
                    && Arrays.equals(Arrays.copyOf(last, ZIP_END.length), ZIP_END);
        }
    }

    private ArchiveReader(InputStream in) {
        this.zip = new Zip(in);
    }

    /// Hands everything in the archive to `receiver`. Blocks for the stream.
    ///
    /// @return what it is a backup of, which is proved now, as is what was received
    /// @throws DamagedArchiveException if it is not complete; what was received is worth nothing
    public static Manifest read(InputStream in, Receiver receiver) throws IOException {
        try {
            return new ArchiveReader(in).read(receiver);
        } catch (EOFException cut) {
            throw new DamagedArchiveException("it is cut off");
        } catch (ZipException damaged) {
            throw new DamagedArchiveException("its packing is damaged: " + damaged.getMessage());
        }
    }

    private Manifest read(Receiver receiver) throws IOException {
        ZipEntry entry = next();
        if (!entry.getName().equals(ArchiveWriter.MANIFEST)) {
            throw new DamagedArchiveException("it does not begin with a manifest");
        }
        Manifest manifest = Manifest.parse(text(entry.getName()));
        receiver.begin(manifest);
        for (Manifest.File expected : manifest.files()) {
            entry = next();
            if (!entry.getName().equals(ArchiveWriter.DATA + expected.name())) {
                throw new DamagedArchiveException(
                        "%s is where %s should be".formatted(entry.getName(), expected.name()));
            }
            receiver.file(expected.name());
            long bytes = copy(entry.getName(), receiver);
            if (bytes != expected.bytes()) {
                throw new DamagedArchiveException(
                        "%s has %d bytes, not %d"
                                .formatted(expected.name(), bytes, expected.bytes()));
            }
        }
        requireComplete();
        return manifest;
    }

    private void requireComplete() throws IOException {
        ZipEntry entry = next();
        String before = seen.toString();
        if (!entry.getName().equals(ArchiveWriter.COMPLETE)) {
            throw new DamagedArchiveException(entry.getName() + " is in it, which belongs nowhere");
        }
        if (!text(entry.getName()).equals(before)) {
            throw new DamagedArchiveException("a checksum is wrong");
        }
        if (zip.getNextEntry() != null || !zip.endsWell()) {
            throw new DamagedArchiveException("it does not end where it should");
        }
    }

    private ZipEntry next() throws IOException {
        ZipEntry entry = zip.getNextEntry();
        if (entry == null) {
            throw new DamagedArchiveException("it is cut off, or no archive at all");
        }
        return entry;
    }

    private String text(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CRC32C crc = new CRC32C();
        for (int read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
            if (bytes.size() > TEXT_BYTES_MAX) {
                throw new DamagedArchiveException("its " + name + " has no end");
            }
            crc.update(buffer, 0, read);
            bytes.write(buffer, 0, read);
        }
        seen.append(ArchiveWriter.proof(crc, bytes.size(), name));
        return bytes.toString(UTF_8);
    }

    private long copy(String name, Receiver receiver) throws IOException {
        CRC32C crc = new CRC32C();
        long bytes = 0;
        for (int read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
            crc.update(buffer, 0, read);
            receiver.write(buffer, read);
            bytes += read;
        }
        seen.append(ArchiveWriter.proof(crc, bytes, name));
        return bytes;
    }
}
