package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /// The version of the format that this program writes.
    public static final int FORMAT = 1;

    private static final String NEW_FILE = "millstream-format.new";
    private static final String TITLE = "Millstream data directory. Do not edit.";
    private static final String CHECK = "check=";
    private static final int FILE_BYTES_MAX = 4096;
    private static final int STEP_BYTES_MAX = 256 << 10;

    /// How much the background thread writes and syncs, or gives back, at once: a device that is
    /// busy with more keeps the log's own syncs waiting.
    public int stepBytes() {
        return Math.min(STEP_BYTES_MAX, fileBytes / 4);
    }

    /// Reads the directory's format, or begins to make it `fresh` if the directory is empty. It is
    /// made when [#settle] says so: from then on it has a log file.
    ///
    /// @throws DamagedException if the directory is not empty and has no readable format
    public static DirectoryFormat readOrBegin(Disk disk, DirectoryFormat fresh) throws IOException {
        List<String> files = disk.list();
        if (files.contains(FILE)) {
            return read(disk, FILE);
        }
        boolean begun = files.contains(NEW_FILE);
        if (files.stream()
                .anyMatch(name -> !begun || !(name.equals(NEW_FILE) || LogFile.isName(name)))) {
            throw new IOException(
                    ("%s holds files but no %s: it is not a Millstream data directory. Choose an"
                                    + " empty or new one.")
                            .formatted(disk.describe(), FILE));
        }
        if (files.size() > 1) {
            // An earlier start was cut off after it had begun with the log.
            return read(disk, NEW_FILE);
        }
        fresh.begin(disk);
        return fresh;
    }

    /// Whether the first log file has been there.
    static boolean isSettled(Disk disk) throws IOException {
        return disk.list().contains(FILE);
    }

    /// The first log file is there and is never missing again.
    static void settle(Disk disk) throws IOException {
        disk.rename(NEW_FILE, FILE);
        disk.syncDirectory();
    }

    /// The format of a directory that is one; makes nothing.
    ///
    /// @throws DamagedException if it is missing or not readable
    static DirectoryFormat find(Disk disk) throws IOException {
        if (!disk.list().contains(FILE)) {
            throw new DamagedException(FILE, 0, "it is missing");
        }
        return read(disk, FILE);
    }

    private void begin(Disk disk) throws IOException {
        try (StoredFile file = disk.open(NEW_FILE)) {
            file.truncate(0);
            file.write(bytes(), 0);
            file.sync();
        }
        disk.syncDirectory();
    }

    void make(Disk disk) throws IOException {
        begin(disk);
        settle(disk);
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

    private static DirectoryFormat read(Disk disk, String name) throws IOException {
        return parse(bytes(disk, name), true);
    }

    private static byte[] bytes(Disk disk, String name) throws IOException {
        try (StoredFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), FILE_BYTES_MAX));
            file.read(bytes, 0);
            return bytes.array();
        }
    }

    /// Whether a directory with these files may be a data directory, however damaged.
    public static boolean isLikely(List<String> files) {
        return files.contains(FILE)
                || files.stream()
                        .anyMatch(name -> LogFile.isName(name) || Checkpoints.isName(name));
    }

    /// What a missing or unreadable format file said, if anything proves it; changes nothing.
    ///
    /// One wrong bit is found by its checksum. More of them do no harm outside of id and size, and
    /// those two are proved by the log files.
    static Optional<DirectoryFormat> rescue(Disk disk) throws IOException {
        for (String name : List.of(FILE, NEW_FILE)) {
            if (!disk.list().contains(name)) {
                continue;
            }
            byte[] bytes = bytes(disk, name);
            Optional<DirectoryFormat> rescued = withOneBitTurned(bytes);
            if (rescued.isEmpty()) {
                rescued = parsed(bytes, false);
                if (rescued.isPresent() && !rescued.get().isProved(disk)) {
                    rescued = Optional.empty();
                }
            }
            if (rescued.isPresent()) {
                return rescued;
            }
        }
        return Optional.empty();
    }

    private static Optional<DirectoryFormat> withOneBitTurned(byte[] bytes) {
        Optional<DirectoryFormat> whole = parsed(bytes, true);
        for (int bit = 0; whole.isEmpty() && bit < bytes.length * Byte.SIZE; bit++) {
            byte[] turned = bytes.clone();
            turned[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            whole = parsed(turned, true);
        }
        return whole;
    }

    private static Optional<DirectoryFormat> parsed(byte[] bytes, boolean checked) {
        try {
            return Optional.of(parse(bytes, checked));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /// The id begins the checksum of each header, and a full log file has the size.
    private boolean isProved(Disk disk) throws IOException {
        boolean idProved = false;
        boolean sizeProved = false;
        for (String name : disk.list()) {
            if (fileBytes > 0 && LogFile.isName(name)) {
                LogFile file = LogFile.open(disk, name, this);
                idProved |= file.hasNumber();
                file.close();
                try (StoredFile sized = disk.open(name)) {
                    sizeProved |= sized.size() == fileBytes;
                }
            }
        }
        return idProved && sizeProved;
    }

    private static DirectoryFormat parse(byte[] bytes, boolean checked) throws IOException {
        Map<String, String> values = new HashMap<>();
        String text = new String(bytes, StandardCharsets.UTF_8);
        text.lines()
                .filter(line -> line.contains("="))
                .forEach(line -> {
                    int at = line.indexOf('=');
                    values.put(line.substring(0, at), line.substring(at + 1));
                });
        int check = text.indexOf(CHECK);
        if (checked
                && (check < 0
                        || !text.startsWith(
                                checksum(text.substring(0, check)), check + CHECK.length()))) {
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
