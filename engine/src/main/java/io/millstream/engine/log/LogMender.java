package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Puts something sound in place of what is damaged. What was there is kept beside it, under names
/// that begin with `repair-1.` (or the next number that is free), which an engine does not look at.
///
/// Each method is one step, durable when it returns, and leaves a directory that can be repaired
/// again if it is cut off in the middle.
public final class LogMender {
    private static final Pattern KEPT = Pattern.compile("repair-(\\d{1,9})\\..*");
    private static final String NEW_FILE = "repair.new";
    private static final int ZEROS_BYTES = 1 << 20;

    private final Disk disk;
    private final DirectoryFormat format;
    private final Checksum checksum;
    private final String prefix;

    /// Mends a directory whose lock the caller has.
    public LogMender(Disk disk, DirectoryFormat format) throws IOException {
        this.disk = disk;
        this.format = format;
        this.checksum = new Checksum(format.id());
        int last = 0;
        for (String name : disk.list()) {
            Matcher kept = KEPT.matcher(name);
            if (kept.matches()) {
                last = Math.max(last, Integer.parseInt(kept.group(1)));
            }
        }
        this.prefix = "repair-" + (last + 1) + ".";
    }

    /// The name under which `file` is kept.
    public String keptAs(String file) {
        return prefix + file;
    }

    /// Keeps a text beside the rest.
    public void keepText(String text) throws IOException {
        write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        disk.rename(NEW_FILE, keptAs("txt"));
        disk.syncDirectory();
    }

    /// Writes the format file anew.
    public void mendFormat() throws IOException {
        if (disk.list().contains(DirectoryFormat.FILE)) {
            keepStart(DirectoryFormat.FILE, DirectoryFormat.FILE, Integer.MAX_VALUE);
        }
        format.make(disk);
    }

    /// Writes the header of a log file anew. If it has been cut short, what is left of it counts.
    ///
    /// @param end where the log ends: up to there it has zeros in place of what was cut off
    public void mendLogFile(String file, long number, long end) throws IOException {
        int fileBytes = format.fileBytes();
        long reach = Math.clamp(end - number * fileBytes, LogFile.HEADER_BYTES, fileBytes);
        int bytes = extend(file, (int) reach);
        mendHeader(file, LogFile.header(number, bytes < fileBytes ? bytes : 0, checksum));
    }

    /// Fills it with zeros up to `reach`.
    ///
    /// @return how long it is
    private int extend(String file, int reach) throws IOException {
        LogFile opened = LogFile.open(disk, file, format);
        try {
            while (opened.prepared() < reach) {
                opened.prepare(Math.min(reach - opened.prepared(), ZEROS_BYTES));
            }
            return opened.prepared();
        } finally {
            opened.close();
        }
    }

    /// Writes the header of a segment anew.
    public void mendSegment(int number) throws IOException {
        mendHeader(Segments.nameOf(number), Segments.header(number, checksum));
    }

    private void mendHeader(String file, ByteBuffer header) throws IOException {
        keepStart(file, file + ".header", header.remaining());
        try (StoredFile opened = disk.open(file)) {
            opened.write(header, 0);
            opened.sync();
        }
    }

    /// Makes an empty log file that stands for a lost one.
    public void addLogFile(long number) throws IOException {
        write(LogFile.header(number, LogFile.HEADER_BYTES, checksum));
        List<String> names = disk.list();
        int slot = 0;
        while (names.contains(LogFile.nameOf(slot))) {
            slot++;
        }
        disk.rename(NEW_FILE, LogFile.nameOf(slot));
        disk.syncDirectory();
    }

    /// Takes a segment out of use.
    public void putAside(int segment) throws IOException {
        disk.rename(Segments.nameOf(segment), keptAs(Segments.nameOf(segment)));
        disk.syncDirectory();
    }

    /// Stores a state as both checkpoints, beginning in place of the one that counts less, so that
    /// a sound one is there all the time if there was one.
    ///
    /// @param number of the newest sound checkpoint so far, or 0
    /// @param slices of the state
    public void storeCheckpoints(long number, long position, List<ByteBuffer> slices)
            throws IOException {
        for (long next = number + 1; next <= number + 2; next++) {
            String name = Checkpoints.nameOf(next);
            Queue<ByteBuffer> all = new ArrayDeque<>();
            slices.forEach(slice -> all.add(slice.duplicate()));
            List<ByteBuffer> pieces = Checkpoints.pieces(format, next, position, all);
            write(pieces.toArray(ByteBuffer[]::new));
            if (disk.list().contains(name)) {
                disk.rename(name, keptAs(name));
            }
            disk.rename(NEW_FILE, name);
            disk.syncDirectory();
        }
    }

    private void keepStart(String file, String as, int bytesMax) throws IOException {
        ByteBuffer start;
        try (StoredFile opened = disk.open(file)) {
            start = ByteBuffer.allocate((int) Math.min(opened.size(), bytesMax));
            opened.read(start, 0);
        }
        write(start.flip());
        disk.rename(NEW_FILE, keptAs(as));
        disk.syncDirectory();
    }

    private void write(ByteBuffer... parts) throws IOException {
        try (StoredFile file = disk.open(NEW_FILE)) {
            file.truncate(0);
            long at = 0;
            for (ByteBuffer part : parts) {
                int length = part.remaining();
                file.write(part, at);
                at += length;
            }
            file.sync();
        }
    }
}
