package io.millstream.engine.log;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.DiskFullException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The files of the log: which are in use, which are ready to be used next, which may be used
/// again.
///
/// The loop thread takes ready files and frees old ones; the background thread prepares them with
/// [#prepareStep]. The two meet in concurrent queues only.
public final class LogRing {
    private static final int READY_FILES = 2;

    private final Disk disk;
    private final DirectoryFormat format;
    private final int filesMax;
    private final Queue<LogFile> files = new ConcurrentLinkedQueue<>();
    private final Map<Long, LogFile> byNumber = new ConcurrentHashMap<>();
    private final Queue<LogFile> ready = new ConcurrentLinkedQueue<>();
    private final Queue<LogFile> free = new ConcurrentLinkedQueue<>();

    // The loop's own.
    private final Deque<LogFile> used = new ArrayDeque<>();

    // The background's own.
    private final Deque<LogFile> growing = new ConcurrentLinkedDeque<>();
    private volatile long nextNumber;

    private LogRing(Disk disk, DirectoryFormat format, int filesMax) {
        this.disk = disk;
        this.format = format;
        this.filesMax = filesMax;
    }

    /// Opens the files that are there and sorts them out: those with a sound number are in use
    /// until [#usedUpTo] says otherwise.
    static LogRing open(Disk disk, DirectoryFormat format, int filesMax) throws IOException {
        LogRing ring = new LogRing(disk, format, filesMax);
        try {
            ring.openFiles();
            return ring;
        } catch (IOException | RuntimeException failed) {
            ring.close();
            throw failed;
        }
    }

    private void openFiles() throws IOException {
        for (String name : disk.list()) {
            if (LogFile.isName(name)) {
                files.add(LogFile.open(disk, name, format));
            }
        }
        List<LogFile> found = new ArrayList<>(files);
        found.sort(Comparator.comparingLong(LogFile::number));
        for (LogFile file : found) {
            if (!file.hasNumber()) {
                free.add(file);
            } else if (byNumber.putIfAbsent(file.number(), file) == null) {
                used.add(file);
            } else {
                throw new DamagedException(
                        file.name(), 0, "two files have number " + file.number());
            }
        }
        LogFile last = used.peekLast();
        nextNumber = last == null ? 0 : last.number() + 1;
    }

    /// The files in use, oldest first.
    Collection<LogFile> used() {
        return used;
    }

    /// Files whose header gives no number.
    Collection<LogFile> unnumbered() {
        return free;
    }

    /// What kind of directory it is.
    public DirectoryFormat format() {
        return format;
    }

    @Nullable LogFile fileAt(long position) {
        return byNumber.get(position / format.fileBytes());
    }

    /// The file in which the log ends if it ends at `position`, which may be the very end of that
    /// file.
    @Nullable LogFile fileBefore(long position) {
        return fileAt(position - 1);
    }

    /// Refuses files from the one that holds `position` on that have been cut short.
    void requireWholeFrom(long position) throws DamagedException {
        long last = used.getLast().number();
        for (LogFile file : used) {
            if (file.base() + format.fileBytes() > position) {
                file.requireWhole(file.number() == last);
            }
        }
    }

    /// Refuses a log that ends before `position`, of which a checkpoint knows.
    void requireReaches(long position) throws DamagedException {
        LogFile file = fileBefore(position);
        if (file != null && !file.isPart() && file.base() + file.prepared() < position) {
            throw new DamagedException(
                    file.name(),
                    file.prepared(),
                    "it ends there, but the checkpoint is of log position " + position);
        }
    }

    /// Refuses a log that lacks a file between `position` and its end, or a part of one.
    void requireFrom(long position) throws DamagedException {
        requireWholeFrom(position);
        long last = used.getLast().number();
        for (long number = position / format.fileBytes(); number <= last; number++) {
            if (!byNumber.containsKey(number)) {
                LogFile suspect = free.peek();
                throw new DamagedException(
                        suspect == null ? LogFile.nameOf(0) : suspect.name(),
                        0,
                        "no log file has number %d, which is needed".formatted(number));
            }
        }
    }

    /// Refuses a log that seems to end at `position` because a file is missing there: files get
    /// their numbers one after the other. A whole one whose number cannot be read may be it; that
    /// it holds nothing of the log has been seen by then.
    void requireNoneMissingAfter(long position) throws DamagedException {
        long first = (position - 1) / format.fileBytes();
        long unread = free.stream().filter(LogFile::isPrepared).count();
        long missing = firstMissing(byNumber.keySet(), first, used.getLast().number(), unread);
        if (missing >= 0) {
            throw new DamagedException(
                    LogFile.nameOf(0),
                    0,
                    "the log file with number %d is missing, and there is a later one"
                            .formatted(missing));
        }
    }

    /// The first number from `first` to `last` that no file has, or -1.
    ///
    /// @param unread how many whole files there are whose number cannot be read: each may be one
    static long firstMissing(Set<Long> there, long first, long last, long unread) {
        long left = unread;
        for (long number = first; number <= last; number++) {
            if (!there.contains(number) && --left < 0) {
                return number;
            }
        }
        return -1;
    }

    /// After recovery: the log ends at `position`; files behind the one in which it does hold
    /// nothing and may be used again.
    void usedUpTo(long position) {
        long number = (position - 1) / format.fileBytes();
        while (!used.isEmpty() && used.getLast().number() > number) {
            LogFile later = used.removeLast();
            byNumber.remove(later.number());
            free.add(later);
        }
        nextNumber = number + 1;
        free.stream().filter(file -> !file.hasNumber()).forEach(file -> file.distrustFrom(0));
        LogFile last = used.peekLast();
        if (last != null && !last.isPrepared() && !last.isPart()) {
            last.distrustFrom((int) (position - last.base()));
            growing.add(last);
        }
    }

    /// A first file, small at first, so that an empty directory opens at once. If an earlier start
    /// was cut off, its file is there and has no number yet.
    void start() throws IOException {
        LogFile begun = free.poll();
        LogFile file = begun == null ? create() : begun;
        file.distrustFrom(0);
        file.prepare(Math.min(LogFile.FIRST_BYTES, format.fileBytes()));
        number(file);
        used.add(file);
        if (!file.isPrepared()) {
            growing.add(file);
        }
    }

    /// The next ready file, now in use, or null if there is none.
    @Nullable LogFile next() {
        LogFile file = ready.poll();
        if (file != null) {
            used.add(file);
        }
        return file;
    }

    /// How many bytes the ready files hold.
    long readyBytes() {
        return (long) ready.size() * (format.fileBytes() - LogFile.HEADER_BYTES);
    }

    /// The capacity of the ring in bytes.
    public long capacityBytes() {
        return (long) filesMax * format.fileBytes();
    }

    /// Lets the files that lie wholly before `position` be used again. Never the last one, and not
    /// one that ends just there: a recovery that finds nothing after `position` goes on in it.
    public void freeBefore(long position) {
        while (used.size() > 1 && used.getFirst().base() + format.fileBytes() < position) {
            LogFile file = used.removeFirst();
            byNumber.remove(file.number());
            free.add(file);
        }
    }

    /// The position of the first byte that is still there.
    public long oldestBase() {
        return used.getFirst().base();
    }

    /// Whether [#prepareStep] may have something to do.
    public boolean wantsPreparing() {
        return !growing.isEmpty() || (ready.size() < READY_FILES && canGrow());
    }

    /// How many files there may be.
    public int filesMax() {
        return filesMax;
    }

    /// Whether the log has left the file that begins at `base`.
    public boolean isFull(long base) {
        return used.getLast().base() > base;
    }

    /// How many files there are.
    public int fileCount() {
        return files.size();
    }

    /// How many files have all their bytes.
    public int wholeFiles() {
        int whole = 0;
        for (LogFile file : files) {
            whole += file.isPrepared() ? 1 : 0;
        }
        return whole;
    }

    /// How many files are in use.
    public int usedFiles() {
        return used.size();
    }

    /// Whether the ring can give the log more room than it has now without anything being settled.
    public boolean canGrow() {
        return files.size() < filesMax || !free.isEmpty() || !growing.isEmpty();
    }

    /// Whether no file is left to prepare but those that need room on the disk for it.
    public boolean wouldGrow() {
        return firstPrepared(growing) == null && firstPrepared(free) == null;
    }

    private static @Nullable LogFile firstPrepared(Iterable<LogFile> files) {
        for (LogFile file : files) {
            if (file.isPrepared()) {
                return file;
            }
        }
        return null;
    }

    /// How much room the next file to prepare needs on the disk, in bytes.
    public int bytesToPrepare() {
        LogFile next = growing.peekFirst();
        if (next == null) {
            next = nextFree();
        }
        if (next != null) {
            return format.fileBytes() - next.prepared();
        }
        return files.size() < filesMax ? format.fileBytes() : 0;
    }

    /// Whether the log will soon have to wait for a file.
    public boolean isShort() {
        return ready.isEmpty();
    }

    /// Does the next bit of preparing files ahead of their use; blocks for one write and sync of at
    /// most [DirectoryFormat#stepBytes]. What is whole goes first. Background thread only.
    ///
    /// @param mayGrow whether files may take more of the disk than they have
    /// @return whether there was anything to do
    /// @throws DiskFullException if the disk has no room for another file; the ring stays as it was
    public boolean prepareStep(boolean mayGrow) throws IOException {
        LogFile whole = firstPrepared(growing);
        if (whole != null) {
            grow(whole);
            return true;
        }
        LogFile next = ready.size() < READY_FILES ? nextFree() : null;
        if (next != null && next.isPrepared()) {
            reuse(next);
            return true;
        }
        LogFile begun = mayGrow ? growing.peekFirst() : null;
        if (begun != null) {
            grow(begun);
            return true;
        }
        if (!mayGrow || ready.size() >= READY_FILES) {
            return false;
        }
        if (next != null) {
            reuse(next);
        } else if (files.size() < filesMax) {
            growing.add(create());
        } else {
            return false;
        }
        return true;
    }

    private void reuse(LogFile file) throws IOException {
        file.forgetNumber();
        growing.add(file);
        free.remove(file);
    }

    /// A file stays with those that grow until it has its number, whatever fails meanwhile: a
    /// number whose writing failed may be on the disk all the same and must go to no other file.
    private void grow(LogFile file) throws IOException {
        if (!file.isPrepared()) {
            file.prepare(format.stepBytes());
            return;
        }
        if (!file.hasNumber()) {
            number(file);
            ready.add(file);
        }
        growing.remove(file);
    }

    /// The free file that is to be used next, or null if there is none. After a restart one may
    /// have the very number that is next, because it was ready and never used: it gets it again, or
    /// a crash would leave two files with one number. Of the others those come first that are
    /// whole, because what a copy had of a file would have to grow.
    private @Nullable LogFile nextFree() {
        LogFile best = null;
        for (LogFile file : free) {
            if (file.number() == nextNumber) {
                return file;
            }
            if (best == null || (file.isPrepared() && !best.isPrepared())) {
                best = file;
            }
        }
        return best;
    }

    private void number(LogFile file) throws IOException {
        long number = nextNumber;
        file.renumber(number);
        byNumber.put(number, file);
        nextNumber = number + 1;
    }

    private LogFile create() throws IOException {
        for (int slot = 0; ; slot++) {
            String name = LogFile.nameOf(slot);
            if (!disk.list().contains(name)) {
                LogFile file = LogFile.open(disk, name, format);
                files.add(file);
                disk.syncDirectory();
                return file;
            }
        }
    }

    /// Closes all files.
    void close() throws IOException {
        for (LogFile file : files) {
            file.close();
        }
    }
}
