package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;

/// What kind of directory this is, in a small text file that is written once:
///
/// ```
/// Millstream data directory. Do not edit.
/// format=1
/// id=6f1c0c7f5b7e2a11
/// log.file.bytes=67108864
/// check=0f3c2a91
/// ```
///
/// The last line is the CRC32C of all before it: another id or size would make everything else in
/// the directory look like nothing.
///
/// @param id chosen at random when the directory was made; begins every checksum in it
/// @param fileBytes the size of its log files
public record DirectoryFormat(long id, int fileBytes) {
    /// The file's name.
    public static final String FILE = "millstream-format";

    private static final int FORMAT = 1;
    private static final String NEW_FILE = "millstream-format.new";
    private static final String TITLE = "Millstream data directory. Do not edit.";
    private static final String CHECK = "check=";
    private static final int FILE_BYTES_MAX = 4096;

    /// Reads the directory's format, or makes it `fresh` if the directory is empty.
    ///
    /// @throws DamagedException if the directory is not empty and has no readable format
    public static DirectoryFormat readOrMake(Disk disk, DirectoryFormat fresh) throws IOException {
        var files = disk.list();
        if (files.contains(FILE)) {
            return read(disk);
        }
        if (files.stream().anyMatch(name -> !name.equals(NEW_FILE))) {
            throw new IOException(
                    ("%s holds files but no %s: it is not a Millstream data directory. Choose an"
                                    + " empty or new one.")
                            .formatted(disk.describe(), FILE));
        }
        fresh.make(disk);
        return fresh;
    }

    private void make(Disk disk) throws IOException {
        try (StoredFile file = disk.open(NEW_FILE)) {
            file.truncate(0);
            file.write(bytes(), 0);
            file.sync();
        }
        disk.rename(NEW_FILE, FILE);
        disk.syncDirectory();
    }

    /// What is in the file.
    ByteBuffer bytes() {
        String text =
                TITLE
                        + "\nformat="
                        + FORMAT
                        + "\nid="
                        + HexFormat.of().toHexDigits(id)
                        + "\nlog.file.bytes="
                        + fileBytes
                        + "\n";
        text += CHECK + checksum(text) + "\n";
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static DirectoryFormat read(Disk disk) throws IOException {
        ByteBuffer bytes;
        try (StoredFile file = disk.open(FILE)) {
            bytes = ByteBuffer.allocate((int) Math.min(file.size(), FILE_BYTES_MAX));
            file.read(bytes, 0);
        }
        Map<String, String> values = new HashMap<>();
        String text = new String(bytes.array(), StandardCharsets.UTF_8);
        text.lines()
                .filter(line -> line.contains("="))
                .forEach(line -> {
                    int at = line.indexOf('=');
                    values.put(line.substring(0, at), line.substring(at + 1));
                });
        int check = text.indexOf(CHECK);
        if (check < 0
                || !text.startsWith(checksum(text.substring(0, check)), check + CHECK.length())) {
            throw new DamagedException(FILE, 0, "its last line does not prove it");
        }
        String format = values.getOrDefault("format", "");
        if (!format.equals(Integer.toString(FORMAT))) {
            throw new DamagedException(
                    FILE, 0, "it says format '%s'; this version reads format 1".formatted(format));
        }
        try {
            return new DirectoryFormat(
                    HexFormat.fromHexDigitsToLong(values.getOrDefault("id", "")),
                    Integer.parseInt(values.getOrDefault("log.file.bytes", "")));
        } catch (IllegalArgumentException unreadable) {
            throw new DamagedException(FILE, 0, "its id or log.file.bytes is not a number");
        }
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
