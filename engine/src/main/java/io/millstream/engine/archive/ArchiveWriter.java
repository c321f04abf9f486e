package io.millstream.engine.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes a backup's archive, front to back, into any stream.
///
/// ```
///  zip (zip64 where it is large)
/// +----------+-------------------+- - -+----------+-----------+
/// | manifest | data/<first file> |     | complete | zip's own |
/// +----------+-------------------+- - -+----------+-----------+
/// ```
///
/// `complete` has a line for everything before it: its CRC32C, its length and its name. An archive
/// that is cut off has none; one that is damaged has one that does not fit.
public final class ArchiveWriter {
    static final String MANIFEST = "manifest";
    static final String DATA = "data/";
    static final String COMPLETE = "complete";

    private final ZipOutputStream zip;
    private final CRC32C crc = new CRC32C();
    private final StringBuilder complete = new StringBuilder();
    private String name = "";
    private long bytes;

    private ArchiveWriter(OutputStream out) {
        this.zip = new ZipOutputStream(out);
        // Padding and compressible bodies are worth it; more would cost the server its processors.
        zip.setLevel(Deflater.BEST_SPEED);
    }

    /// Begins the archive of what `manifest` lists.
    public static ArchiveWriter begin(OutputStream out, Manifest manifest) throws IOException {
        ArchiveWriter writer = new ArchiveWriter(out);
        writer.entry(MANIFEST);
        byte[] text = manifest.text().getBytes(UTF_8);
        writer.write(text, text.length);
        return writer;
    }

    /// Begins the next file.
    public void file(String file) throws IOException {
        entry(DATA + file);
    }

    /// Adds the first `length` of `more` to the file that was begun last.
    public void write(byte[] more, int length) throws IOException {
        crc.update(more, 0, length);
        bytes += length;
        zip.write(more, 0, length);
    }

    /// Says that it is complete, and hands everything to the stream, which stays open.
    public void finish() throws IOException {
        close();
        zip.putNextEntry(new ZipEntry(COMPLETE));
        zip.write(complete.toString().getBytes(UTF_8));
        zip.finish();
        zip.flush();
    }

    private void entry(String next) throws IOException {
        close();
        zip.putNextEntry(new ZipEntry(next));
        name = next;
        bytes = 0;
        crc.reset();
    }

    private void close() {
        if (!name.isEmpty()) {
            complete.append(proof(crc, bytes, name));
        }
    }

    static String proof(CRC32C crc, long bytes, String name) {
        return HexFormat.of().toHexDigits((int) crc.getValue()) + " " + bytes + " " + name + "\n";
    }
}
